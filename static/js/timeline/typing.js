// @ts-check
// Who is typing, for a few seconds after they last did.
import { nameOf } from "../lib/names.js";
import { text } from "../lib/page.js";

const SHOWN_FOR = 5_000;

export class Typing {
  /** @type {Map<number, number>} */
  #people = new Map();

  /** @param {Element} place */
  constructor(place) {
    this.place = place;
  }

  /** @param {number} person */
  start(person) {
    clearTimeout(this.#people.get(person));
    this.#people.set(person, setTimeout(() => this.stop(person), SHOWN_FOR));
    this.#show();
  }

  /**
   * They have sent it, or stopped.
   * @param {number} person
   */
  stop(person) {
    clearTimeout(this.#people.get(person));
    if (this.#people.delete(person)) this.#show();
  }

  #show() {
    const sentences = [...this.#people.keys()].map((person) => text("typing", { name: name(person) }));
    this.place.textContent = sentences.join(" ");
  }
}

/** @param {number} person */
function name(person) {
  return nameOf(person) ?? document.querySelector(`[data-person="${person}"]`)?.textContent ?? text("someone");
}
