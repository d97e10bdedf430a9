// Earlier messages come when the reader nears the top; the link does the same by hand.
import { More } from "./more.js";

export class Older extends More {
  #change;

  /** `merge(change)` puts the messages in, `merged(rev)` says from which revision they are. */
  constructor(log, { address, merge, merged }) {
    super(log, { link: "[data-older]", margin: "300px 0px 0px" });
    this.#change = { address, merge, merged };
  }

  from() {
    return this.log.querySelector(":scope > [data-seq]");
  }

  address(first) {
    return `${this.#change.address}?before=${first.dataset.seq}`;
  }

  put(content, first, rev) {
    this.#insert(content, first);
    this.#change.merged(rev);
  }

  #insert(content, first) {
    // Meanwhile the log may have been replaced, or filled from another side.
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
