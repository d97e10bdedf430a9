// @ts-check
// The room list comes with its first rows. The others are fetched when the reader comes near their end, or wants a filter,
// which works on the rows that are there.
import { need } from "../lib/dom.js";

const NEAR = "600px";

export class Whole {
  #observer;
  #asking = false;
  // If the focus is on the link, it moves to the first new row.
  #from = -1;

  /** Whether all rows are asked for from now on. */
  wanted = new URLSearchParams(location.search).get("rows") === "all";

  /**
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   * @param {() => void} ask
   */
  constructor(list, signal, ask) {
    this.list = list;
    this.ask = ask;
    /** @param {IntersectionObserverEntry[]} seen */
    const near = (seen) => seen.some((one) => one.isIntersecting) && this.want();
    const root = list.querySelector("[data-scroll]");
    this.#observer = new IntersectionObserver(near, { root, rootMargin: `0px 0px ${NEAR}` });
    signal.addEventListener("abort", () => this.#observer.disconnect());
    list.addEventListener("click", (event) => this.#press(event), { signal });
    list.addEventListener("focusin", (event) => this.#stand(event.target), { signal });
  }

  /** Whether the list ends before its last row. */
  get isCut() {
    return this.#link !== null;
  }

  get #link() {
    return this.list.querySelector("[data-rows-more]");
  }

  get #rows() {
    return need(this.list, "[data-rows]");
  }

  /** Have all rows, also those that a filter of the server's left out. Returns whether some are missing until then. */
  want() {
    if (!this.isCut && this.#rows.dataset.filter === "all") return false;
    if (!this.#asking) {
      this.#asking = this.wanted = true;
      this.ask();
    }
    return true;
  }

  /** The rows are new. */
  watch() {
    this.#asking = false;
    this.#observer.disconnect();
    if (this.#link) {
      this.#observer.observe(this.#link);
      return;
    }
    // Leave the focus alone if it has moved in the meantime.
    const row = document.activeElement === document.body ? this.#rows.children[this.#from] : null;
    row?.querySelector("a")?.focus({ preventScroll: true });
    this.#from = -1;
  }

  /** The rows did not come. The link is still there to be pressed. */
  failed() {
    this.#asking = false;
  }

  /** @param {Element} target */
  #stand(target) {
    const rows = this.#rows.children;
    // The open room is last unless it is among the first.
    const beside = rows[rows.length - 1]?.querySelector("[aria-current]") ? 1 : 0;
    this.#from = target === this.#link ? rows.length - beside : -1;
  }

  /** @param {Heard<MouseEvent>} event */
  #press(event) {
    if (!event.target.closest("[data-rows-more]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.want();
  }
}
