// @ts-check
// The buttons of the call window and their keys.
/** @type {Record<string, string>} */
const KEYS = { m: "mute", v: "camera", s: "screen", g: "view" };

export class Controls {
  /** @type {Map<string | undefined, HTMLButtonElement>} */
  #buttons = new Map();

  /**
   * `root` holds the buttons ([data-act="mute"] and so on); `act(name)` does what one asks for.
   * @param {HTMLElement} root
   * @param {(name: string) => void} act
   */
  constructor(root, act) {
    this.root = root;
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = root.querySelectorAll("[data-act]");
    for (const button of buttons) this.#buttons.set(button.dataset.act, button);
    root.addEventListener("click", ({ target }) => {
      /** @type {HTMLButtonElement | null} */
      const button = target.closest("[data-act]");
      if (button?.dataset.act && !button.disabled) act(button.dataset.act);
    });
    document.addEventListener("keydown", (event) => {
      const name = KEYS[event.key.toLowerCase()];
      const busy = event.target.closest?.("input, select, textarea, [contenteditable]");
      if (!name || busy || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
      const button = this.#buttons.get(name);
      if (!button || button.disabled || !button.checkVisibility()) return;
      event.preventDefault();
      act(name);
    });
  }

  /**
   * Show what is switched on: `pressed` by button.
   * @param {Record<string, boolean>} pressed
   */
  show(pressed) {
    for (const [name, on] of Object.entries(pressed)) {
      this.#buttons.get(name)?.setAttribute("aria-pressed", String(on));
    }
  }

  /**
   * While something is being done its button waits.
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   */
  async during(name, work) {
    const button = /** @type {HTMLButtonElement} */ (this.#buttons.get(name));
    button.disabled = true;
    try {
      return await work();
    } finally {
      button.disabled = false;
      button.focus({ preventScroll: true });
    }
  }

  /**
   * @param {string} name
   * @param {boolean} hidden
   */
  hide(name, hidden) {
    const button = this.#buttons.get(name);
    if (button) button.hidden = hidden;
  }
}
