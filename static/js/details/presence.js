// @ts-check
// Who of the people shown has a page open: asked over the socket while the details are open and looked at.
import { text } from "../lib/page.js";
import { live } from "../live.js";

const EVERY = 20_000;
// What one frame may ask for, and how many frames at a time.
const MOST = 100;
const FRAMES = 4;

export class Presence {
  #timer = 0;
  /**
   * Groups of people asked for, in the order in which the answers come.
   * @type {number[][]}
   */
  #asked = [];
  /** @type {Map<number, boolean>} */
  #online = new Map();

  /**
   * @param {HTMLElement} root
   * @param {number} room
   */
  constructor(root, room) {
    this.root = root;
    this.room = room;
  }

  start() {
    this.stop();
    this.#timer = setInterval(() => this.ask(), EVERY);
    this.ask();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  ask() {
    if (!this.#timer || document.visibilityState !== "visible") return;
    const people = [...new Set([...this.#places()].map((place) => Number(place.dataset.presence)))];
    this.#asked = [];
    for (let start = 0; start < people.length && this.#asked.length < FRAMES; start += MOST) {
      const members = people.slice(start, start + MOST);
      if (live.send({ type: "presence", room: this.room, members })) this.#asked.push(members);
    }
  }

  /** @param {Frames["presence"]} frame */
  answer({ room, online }) {
    if (room !== this.room) return;
    const here = new Set(online);
    for (const person of this.#asked.shift() ?? []) this.#online.set(person, here.has(person));
    this.show();
  }

  /** Write what is known beside the people who are shown now. */
  show() {
    for (const place of this.#places()) {
      const online = this.#online.get(Number(place.dataset.presence)) ?? false;
      const words = online ? text("online") : "";
      place.toggleAttribute("data-online", online);
      if (place.title !== words) place.title = words;
      if (place.textContent !== words) place.textContent = words;
    }
  }

  #places() {
    return this.root.querySelectorAll("[data-presence]");
  }
}
