// @ts-check
// A page that was opened at a message shows a stretch from the middle of the conversation. Messages that arrive belong
// behind the stretch: they are counted, not shown, until the reader has come to the end or jumps there.
import { need } from "../lib/dom.js";
import { isFromOthers } from "../lib/items.js";
import { text } from "../lib/page.js";
import { lastSeq, shown } from "./order.js";

const SHOWN_FOR = 2_500;

export class Middle {
  #count = 0;
  #wanted = false;
  /**
   * What has come for behind the stretch since the end was asked for: it may come to be shown before it.
   * @type {Item[]}
   */
  beyond = [];

  /**
   * `latest()` puts the end of the conversation in place of the stretch, and rejects when that cannot be had.
   * @param {HTMLElement} log
   * @param {HTMLElement} link
   * @param {() => Promise<void>} latest
   */
  constructor(log, link, latest) {
    this.log = log;
    this.link = link;
    this.latest = latest;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.leave();
    });
  }

  /**
   * Those of the items that belong to what is shown.
   * @param {Item[]} items
   */
  fitting(items) {
    const last = lastSeq(this.log);
    const beyond = items.filter((item) => item.seq > last);
    if (this.#wanted) this.beyond.push(...beyond);
    this.#count += beyond.filter((item) => item.rev === item.seq && isFromOthers(item)).length;
    if (this.#count) {
      const label = this.#count === 1 ? text("one_new_message") : text("n_new_messages", { n: this.#count });
      need(this.link, "[data-latest-text]").textContent = label;
    }
    return items.filter((item) => item.seq <= last);
  }

  /** Go to the end; without a connection, as soon as there is one. */
  async leave() {
    this.#wanted = true;
    try {
      await this.latest();
    } catch {
      // `again` tries it with the next connection.
    }
  }

  again() {
    if (this.#wanted) this.leave();
  }

  stop() {
    this.link.remove();
  }
}

/**
 * The message with this number, marked for a moment and focused, so that reading goes on from there.
 * @param {Element} log
 * @param {string} seq
 */
export function markMessage(log, seq) {
  const found = [...shown(log)].find((message) => message.dataset.seq === seq);
  if (!found) return null;
  found.classList.add("message--at");
  setTimeout(() => found.classList.remove("message--at"), SHOWN_FOR);
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
  return found;
}
