// @ts-check
// Telling the others in a room that this member is writing, now and then.
import { live } from "../live.js";

const EVERY = 3_000;

export class TellTyping {
  #room;
  #at = 0;

  /** @param {number} room */
  constructor(room) {
    this.#room = room;
  }

  /** @param {string} typed */
  typed(typed) {
    if (!typed || Date.now() - this.#at < EVERY) return;
    this.#at = Date.now();
    live.send({ type: "typing", room: this.#room });
  }
}
