// @ts-check
// A link in the log that says there is more: what is behind it comes when the reader nears it, or by a press.
import { ask } from "../lib/http.js";
import { fragment } from "../lib/html.js";

/**
 * @abstract
 * @template F what says where a part begins
 */
export class More {
  #running = false;
  #watch;

  /**
   * `link` is the link's selector, `margin` how far before it comes into sight its part is fetched.
   * @param {HTMLElement} log
   * @param {{ link: string, margin: string }} more
   */
  constructor(log, { link, margin }) {
    this.log = log;
    this.selector = link;
    this.#watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.load(), {
      root: log,
      rootMargin: margin,
    });
    log.addEventListener("click", (event) => this.#click(event));
    this.watch();
  }

  stop() {
    this.#watch.disconnect();
  }

  /** Look out for the link; call it when the log was replaced. */
  watch() {
    this.#watch.disconnect();
    if (this.link) this.#watch.observe(this.link);
  }

  get link() {
    return this.log.querySelector(`:scope > ${this.selector}`);
  }

  /** @param {Heard<MouseEvent>} event */
  #click(event) {
    if (!event.target.closest?.(this.selector)) return;
    event.preventDefault();
    this.load();
  }

  /**
   * Where the next part begins; nothing when there is nothing to go on from.
   * @abstract
   * @returns {F | 0 | null}
   */
  from() {
    return null;
  }

  /**
   * Where the part is fetched.
   * @abstract
   * @param {F} _from
   */
  address(_from) {
    return "";
  }

  /**
   * Show the part, which is from revision `rev`.
   * @abstract
   * @param {DocumentFragment} _content
   * @param {F} _from
   * @param {number} _rev
   */
  put(_content, _from, _rev) {}

  /** Fetch the part from `address(from)` and hand it to `put(content, from, rev)`; `from()` says where it begins. */
  async load() {
    const from = this.from();
    if (this.#running || !from || !this.link) return;
    this.#running = true;
    this.log.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(this.address(from));
      this.put(fragment(await answer.text()), from, Number(answer.headers.get("X-Room-Rev")));
    } catch {
      // The link stays: the next scroll or press tries again.
    } finally {
      this.log.removeAttribute("aria-busy");
      this.#running = false;
    }
  }
}
