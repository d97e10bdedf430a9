// @ts-check
// What is written in a room and not sent yet, kept on this device.
import { follow, forget, load, save } from "../lib/storage.js";

export class Draft {
  #key;

  /** @param {number} room */
  constructor(room) {
    this.#key = `draft.${room}`;
  }

  get text() {
    return load(this.#key) ?? "";
  }

  /**
   * Another page of the member has changed it: sent it, or written on. `changed` gets the text before and now.
   * @param {(before: string, now: string) => void} changed
   * @param {AbortSignal} signal
   */
  follow(changed, signal) {
    follow(this.#key, (before, now) => changed(before ?? "", now ?? ""), signal);
  }

  /** @param {string} text */
  keep(text) {
    if (text) save(this.#key, text);
    else forget(this.#key);
  }
}
