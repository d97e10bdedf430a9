// @ts-check
// How far this page has read its room, and how far the server is known to have it.
import { isLookedAt } from "../lib/attention.js";
import { live } from "../live.js";

// Who scrolls through what is new reads a message every moment: told at most so often, in milliseconds.
const EVERY = 300;

export class Reading {
  #room;
  #told;
  // Whether the server still says that the member marked the room unread.
  #marked;
  /** @type {number | undefined} */
  #resting;

  /**
   * @param {number} room
   * @param {number} seq
   * @param {boolean} marked
   */
  constructor(room, seq, marked) {
    this.#room = room;
    this.seq = this.#told = seq;
    this.#marked = marked;
  }

  /**
   * This page shows the room up to here to someone who is looking at it.
   * @param {number} seq
   */
  reach(seq) {
    if (seq <= this.seq) return;
    this.seq = seq;
    if (this.#resting) return;
    this.#tell();
    this.#resting = setTimeout(() => this.#rested(seq), EVERY);
  }

  /** @param {number} told */
  #rested(told) {
    this.#resting = undefined;
    if (this.seq > told) this.#tell();
  }

  /**
   * Another page of the member, or this one, has told the server.
   * @param {number} seq
   */
  heard(seq) {
    this.#told = Math.max(this.#told, seq);
  }

  /** The socket is open again: what was told may have been lost with the last one. */
  tellAgain() {
    if (!this.unmark() && this.seq > this.#told) this.#tell();
  }

  /** Opening a room that was marked unread is what the mark was for. Only once: it may be marked again elsewhere. */
  unmark() {
    if (!this.#marked || !isLookedAt() || !this.#tell()) return false;
    this.#marked = false;
    document.dispatchEvent(new CustomEvent("wb:unmarked", { detail: { room: this.#room } }));
    return true;
  }

  #tell() {
    return live.send({ type: "read", room: this.#room, seq: this.seq });
  }
}
