// @ts-check
// The button that says how many messages have come below what is shown.
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";

export class Pill {
  #count = 0;

  /** @param {HTMLElement} button */
  constructor(button) {
    this.button = button;
  }

  /** @param {number} count */
  add(count) {
    this.#show(this.#count + count);
  }

  clear() {
    this.#show(0);
  }

  /** @param {number} count */
  #show(count) {
    this.#count = count;
    const label = count === 1 ? text("one_new_message") : text("n_new_messages", { n: count });
    need(this.button, "[data-pill-text]").textContent = label;
    this.button.hidden = count === 0;
  }
}
