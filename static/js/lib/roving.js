// @ts-check
/** Many controls with one stop of the Tab key: `keys` (back, on), Home and End walk through those that match `selector`. */
export class Roving {
  /** @type {HTMLElement | null} */
  #stop = null;

  /**
   * @param {HTMLElement} root
   * @param {string} selector
   * @param {[string, string]} keys
   */
  constructor(root, selector, [back, on]) {
    this.root = root;
    this.selector = selector;
    /** @type {Record<string, number>} */
    this.steps = { [back]: -1, [on]: 1 };
    root.addEventListener("focusin", ({ target }) => target.matches(selector) && this.#stopAt(target));
    root.addEventListener("keydown", (event) => event.target.matches(selector) && this.#key(event));
    this.refresh();
  }

  /** Some came or went: there is a stop among those that are there now. */
  refresh() {
    const all = this.#all();
    const stop = all.find((item) => item === this.#stop) ?? all[0];
    if (stop) this.#stopAt(stop);
  }

  #all() {
    return [...this.root.querySelectorAll(this.selector)];
  }

  /** @param {HTMLElement} stop */
  #stopAt(stop) {
    this.#stop = stop;
    for (const item of this.#all()) item.tabIndex = item === stop ? 0 : -1;
  }

  /** @param {Heard<KeyboardEvent>} event */
  #key(event) {
    const all = this.#all();
    const at = all.indexOf(event.target);
    /** @type {Record<string, number>} */
    const ends = { Home: 0, End: all.length - 1 };
    const to = ends[event.key] ?? at + this.steps[event.key];
    if (Number.isNaN(to)) return;
    event.preventDefault();
    all[Math.max(0, Math.min(to, all.length - 1))].focus();
  }
}
