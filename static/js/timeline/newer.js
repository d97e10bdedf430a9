// @ts-check
// Later messages, where the page shows a stretch from the middle: they come when the reader nears the bottom.
import { More } from "./more.js";
import { lastSeq } from "./order.js";

/** @extends {More<number>} */
export class Newer extends More {
  #change;

  /**
   * `merge(change)` puts the messages in, `merged(rev)` says from which revision they are, and `joined()` that they
   * reach the end.
   * @param {HTMLElement} log
   * @param {object} parts
   * @param {string} parts.address
   * @param {(change: () => void) => void} parts.merge
   * @param {(rev: number) => void} parts.merged
   * @param {() => void} parts.joined
   */
  constructor(log, { address, merge, merged, joined }) {
    super(log, { link: "[data-newer]", margin: "0px 0px 300px" });
    this.#change = { address, merge, merged, joined };
  }

  /** @override */
  from() {
    return lastSeq(this.log);
  }

  /**
   * @override
   * @param {number} last
   */
  address(last) {
    return `${this.#change.address}?after=${last}`;
  }

  /**
   * @override
   * @param {DocumentFragment} content
   * @param {number} last
   * @param {number} rev
   */
  put(content, last, rev) {
    // The log may have been replaced by its end in the meantime.
    if (!this.link || lastSeq(this.log) !== last) return;
    const more = Boolean(content.querySelector("[data-newer]"));
    this.#change.merge(() => this.link?.replaceWith(content));
    if (more) this.watch();
    else this.#change.joined();
    this.#change.merged(rev);
  }
}
