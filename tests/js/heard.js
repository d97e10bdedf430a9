// @ts-check
// What scripts listen to, told by a test. Not an EventTarget: those of two windows do not take each other's events.
export class Heard {
  #listeners = new Map();

  addEventListener(type, action, { once = false } = {}) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), { action, once }]);
  }

  removeEventListener(type, action) {
    this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter((one) => one.action !== action));
  }

  happen(type, event = {}) {
    const listeners = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, listeners.filter(({ once }) => !once));
    for (const { action } of listeners) action(event);
  }
}
