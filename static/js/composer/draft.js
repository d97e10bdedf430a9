// @ts-check
// What is written in a room and not sent yet, kept on this device.
import { forget, load, save } from "../lib/storage.js";

export class Draft {
  #key;

  /** @param {number} room */
  constructor(room) {
    this.#key = `draft.${room}`;
  }

  get text() {
    return load(this.#key) ?? "";
  }

  /** @param {string} text */
  keep(text) {
    if (text) save(this.#key, text);
    else forget(this.#key);
  }
}
