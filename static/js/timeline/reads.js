// @ts-check
// Who has read how far, shown beside the messages.
import { json, member, text } from "../lib/page.js";

export class Reads {
  /** @type {Map<number, [from: number, seq: number]>} */
  #positions = new Map();

  /** @param {boolean} direct */
  constructor(direct) {
    this.direct = direct;
    this.replace(json("readers", {}));
  }

  /**
   * What all other members have read, as the server has it.
   * @param {Readers} readers
   */
  replace(readers) {
    for (const [reader, [from, seq]] of Object.entries(readers)) this.move(Number(reader), from, seq);
  }

  /**
   * A position never goes back. Who came later, after `from`, is no reader of what was before.
   * @param {number} reader
   * @param {number} from
   * @param {number} seq
   */
  move(reader, from, seq) {
    if (reader !== member) this.#positions.set(reader, [from, Math.max(this.#positions.get(reader)?.[1] ?? 0, seq)]);
  }

  /**
   * Write the counts beside the messages of `log`.
   * @param {Element} log
   */
  show(log) {
    for (const message of log.querySelectorAll(":scope > .message[data-seq]")) this.#one(message);
  }

  /** @param {HTMLElement} message */
  #one(message) {
    const place = message.querySelector("[data-read-count]");
    const author = Number(message.dataset.author);
    const count = this.#count(Number(message.dataset.seq), author);
    const shown = this.#words(count, author);
    if (!place || place.textContent === shown) return;
    place.textContent = shown;
    place.title = count ? text("read_by", { n: count }) : "";
  }

  /**
   * @param {number} count
   * @param {number} author
   */
  #words(count, author) {
    if (!count) return "";
    if (!this.direct) return String(count);
    return author === member ? text("read") : "";
  }

  /**
   * The author has read it by writing it; the viewer is reading it.
   * @param {number} seq
   * @param {number} author
   */
  #count(seq, author) {
    let count = author === member ? 0 : 1;
    for (const [reader, [from, read]] of this.#positions) {
      if (reader !== author && from < seq && seq <= read) count += 1;
    }
    return count;
  }
}
