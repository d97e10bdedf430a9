// Later messages, where the page shows a stretch from the middle: they come when the reader nears the bottom.
import { More } from "./more.js";
import { lastSeq } from "./order.js";

export class Newer extends More {
  #change;

  /**
   * `merge(change)` puts the messages in, `merged(rev)` says from which revision they are, and `joined()` that they
   * reach the end.
   */
  constructor(log, { address, merge, merged, joined }) {
    super(log, { link: "[data-newer]", margin: "0px 0px 300px" });
    this.#change = { address, merge, merged, joined };
  }

  from() {
    return lastSeq(this.log);
  }

  address(last) {
    return `${this.#change.address}?after=${last}`;
  }

  put(content, last, rev) {
    // Meanwhile the log may have been replaced by its end.
    if (!this.link || lastSeq(this.log) !== last) return;
    const more = Boolean(content.querySelector("[data-newer]"));
    this.#change.merge(() => this.link.replaceWith(content));
    if (more) this.watch();
    else this.#change.joined();
    this.#change.merged(rev);
  }
}
