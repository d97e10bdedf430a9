/** Many controls with one stop of the Tab key: `keys` (back, on), Home and End walk through those that match `selector`. */
export class Roving {
  #stop = null;

  constructor(root, selector, [back, on]) {
    this.root = root;
    this.selector = selector;
    this.steps = { [back]: -1, [on]: 1 };
    root.addEventListener("focusin", ({ target }) => target.matches(selector) && this.#stopAt(target));
    root.addEventListener("keydown", (event) => event.target.matches(selector) && this.#key(event));
    this.refresh();
  }

  /** Some came or went: there is a stop among those that are there now. */
  refresh() {
    const all = this.#all();
    if (all.length) this.#stopAt(all.includes(this.#stop) ? this.#stop : all[0]);
  }

  #all() {
    return [...this.root.querySelectorAll(this.selector)];
  }

  #stopAt(stop) {
    this.#stop = stop;
    for (const item of this.#all()) item.tabIndex = item === stop ? 0 : -1;
  }

  #key(event) {
    const all = this.#all();
    const at = all.indexOf(event.target);
    const to = { Home: 0, End: all.length - 1 }[event.key] ?? at + this.steps[event.key];
    if (Number.isNaN(to)) return;
    event.preventDefault();
    all[Math.max(0, Math.min(to, all.length - 1))].focus();
  }
}
