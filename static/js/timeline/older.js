// @ts-check
// Earlier messages come when the reader nears the top; the link does the same by hand.
import { More } from "./more.js";

/** @extends {More<HTMLElement>} */
export class Older extends More {
  #change;

  /**
   * `merge(change)` puts the messages in, `merged(rev)` says from which revision they are.
   * @param {HTMLElement} log
   * @param {object} parts
   * @param {string} parts.address
   * @param {(change: () => void) => void} parts.merge
   * @param {(rev: number) => void} parts.merged
   */
  constructor(log, { address, merge, merged }) {
    super(log, { link: "[data-older]", margin: "300px 0px 0px" });
    this.#change = { address, merge, merged };
  }

  /**
   * @override
   * @returns {HTMLElement | null}
   */
  from() {
    return this.log.querySelector(":scope > [data-seq]");
  }

  /**
   * @override
   * @param {HTMLElement} first
   */
  address(first) {
    return `${this.#change.address}?before=${first.dataset.seq}`;
  }

  /**
   * @override
   * @param {DocumentFragment} content
   * @param {HTMLElement} first
   * @param {number} rev
   */
  put(content, first, rev) {
    this.#insert(content, first);
    this.#change.merged(rev);
  }

  /**
   * @param {DocumentFragment} content
   * @param {HTMLElement} first
   */
  #insert(content, first) {
    // The log may have been replaced or extended in the meantime.
    if (!first.isConnected) return;
    for (const old of content.querySelectorAll("[data-seq]")) {
      if (this.log.querySelector(`:scope > [data-seq="${old.dataset.seq}"]`)) old.remove();
    }
    this.#change.merge(() => {
      this.link?.remove();
      this.log.prepend(content);
    });
    this.watch();
  }
}
