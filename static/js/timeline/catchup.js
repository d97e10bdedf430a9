// @ts-check
// The room's revision on this page. A push is applied only when it fits on; everything else asks what changed.
import { ask, BadAnswer, SignedOut } from "../lib/http.js";

const AGAIN = 2_000;
// How long a push that is ahead waits for the one before it: two from different web processes may overtake each other.
const OVERTAKEN = 120;

export class CatchUp {
  #running = false;
  #again = false;
  #timer = 0;
  /** @type {Map<number, Push>} */
  #ahead = new Map();
  #patience = 0;
  #stopped = false;

  /**
   * `apply(items)`, `reads(positions)`, `replace(html)` and `gone()` are called with what the server says.
   * @param {object} room
   * @param {number} room.rev
   * @param {string} room.changes
   * @param {string} room.timeline
   * @param {(items: Item[]) => void} room.apply
   * @param {(readers: Readers) => void} room.reads
   * @param {(html: string) => void} room.replace
   * @param {() => void} room.gone
   */
  constructor({ rev, changes, timeline, apply, reads, replace, gone }) {
    this.rev = rev;
    this.changes = changes;
    this.timeline = timeline;
    this.apply = apply;
    this.reads = reads;
    this.replace = replace;
    this.gone = gone;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
    this.gone = this.apply = this.reads = this.replace = () => {};
  }

  /**
   * A pushed frame of this room.
   * @param {Push} frame
   */
  push({ after, rev, items }) {
    if (rev <= this.rev) return;
    if (after > this.rev) this.#keep({ after, rev, items });
    else if (after < this.rev) this.fetch();
    else this.#fits({ rev, items });
  }

  /** @param {Push} frame */
  #keep(frame) {
    this.#ahead.set(frame.after, frame);
    this.#patience ||= setTimeout(() => this.#missed(), OVERTAKEN);
  }

  /** @param {Omit<Push, "after">} frame */
  #fits({ rev, items }) {
    this.rev = rev;
    this.apply(items ?? []);
    const next = this.#ahead.get(rev);
    this.#ahead.delete(rev);
    if (next) this.#fits(next);
  }

  #missed() {
    this.#patience = 0;
    const waits = [...this.#ahead.values()].some(({ rev }) => rev > this.rev);
    this.#ahead.clear();
    if (waits) this.fetch();
  }

  /**
   * The server says the room is at `rev`; undefined when this member no longer has access.
   * @param {number | undefined} rev
   */
  head(rev) {
    if (rev !== this.rev) this.fetch();
  }

  /** Ask what changed. While one question is open, any number of further wishes become one. */
  async fetch() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#again = false;
    try {
      await this.#ask();
    } catch (error) {
      this.#failed(error);
    }
    this.#running = false;
    if (this.#again) this.fetch();
  }

  /** Show the end of the timeline instead of what is shown. Throws when it cannot be had. */
  async reload() {
    const answer = await ask(this.timeline);
    const rev = Number(answer.headers.get("X-Room-Rev"));
    const html = await answer.text();
    const missed = rev < this.rev;
    this.rev = rev;
    this.replace(html);
    if (missed) this.fetch();
  }

  /**
   * A part of what is shown is only from revision `rev`: what was told since is asked for again.
   * @param {number} rev
   */
  rewind(rev) {
    if (rev >= this.rev) return;
    this.rev = rev;
    this.fetch();
  }

  async #ask() {
    const answer = await ask(`${this.changes}?after=${this.rev}`, { accept: "application/json" });
    /** @type {Changes} */
    const { rev, items, reads, reload } = await answer.json();
    this.reads(reads ?? {});
    if (reload) {
      await this.reload();
      return;
    }
    // A push may have come in between: what it brought is newer, and each item says its own revision.
    this.apply(items);
    this.rev = Math.max(this.rev, rev);
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof BadAnswer && [403, 404].includes(error.status)) this.gone();
    else if (!(error instanceof SignedOut)) this.#timer = setTimeout(() => this.fetch(), AGAIN);
  }
}
