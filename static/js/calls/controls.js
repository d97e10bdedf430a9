// The buttons of the call window and their keys.
const KEYS = { m: "mute", v: "camera", s: "screen", g: "view" };

export class Controls {
  #buttons = new Map();

  /** `root` holds the buttons ([data-act="mute"] and so on); `act(name)` does what one asks for. */
  constructor(root, act) {
    this.root = root;
    for (const button of root.querySelectorAll("[data-act]")) this.#buttons.set(button.dataset.act, button);
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-act]");
      if (button && !button.disabled) act(button.dataset.act);
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

  /** Show what is switched on: `pressed` by button. */
  show(pressed) {
    for (const [name, on] of Object.entries(pressed)) {
      this.#buttons.get(name)?.setAttribute("aria-pressed", String(on));
    }
  }

  /** While something is being done its button waits. */
  async during(name, work) {
    const button = this.#buttons.get(name);
    button.disabled = true;
    try {
      return await work();
    } finally {
      button.disabled = false;
      button.focus({ preventScroll: true });
    }
  }

  hide(name, hidden) {
    const button = this.#buttons.get(name);
    if (button) button.hidden = hidden;
  }
}
