// @ts-check
// <wb-composer data-room>: Enter sends, Shift+Enter breaks the line, drafts survive, too long a text is kept and said.
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";
import { forget, load, save } from "../lib/storage.js";
import { live } from "../live.js";
import { outbox } from "../outbox.js";

const MOST = 10_000;
const NEAR = 9_500;
const TYPING_EVERY = 3_000;
// Some input methods report this instead of isComposing for the Enter that ends a composition.
const COMPOSING_KEY = 229;

class Composer extends HTMLElement {
  #typedAt = 0;

  connectedCallback() {
    if (this.#text().dataset.ready) return;
    this.#text().dataset.ready = "1";
    this.#form.noValidate = true;
    this.addEventListener("submit", (event) => this.#submit(event));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("input", () => this.#input());
    this.#text().value ||= load(this.#draftKey) ?? "";
    this.#fit();
    if (!this.#note.textContent.trim()) this.#count();
    if (matchMedia("(hover: hover)").matches) this.#text().focus({ preventScroll: true });
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return need(this, "form");
  }

  get #note() {
    return need(this, "[data-note]");
  }

  get #room() {
    return Number(this.dataset.room);
  }

  get #draftKey() {
    return `draft.${this.#room}`;
  }

  /** @returns {HTMLTextAreaElement} */
  #text() {
    return need(this, "[data-text]");
  }

  /** @param {Heard<KeyboardEvent>} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.target !== this.#text()) return;
    if (event.isComposing || event.keyCode === COMPOSING_KEY) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const body = this.#text().value.trim();
    const length = characters(body);
    if (length > MOST) {
      this.#say(text("too_long", { n: length.toLocaleString(), max: MOST.toLocaleString() }), true);
    } else if (body) {
      outbox.add(this.#room, body);
      this.#empty();
    }
    this.#text().focus({ preventScroll: true });
  }

  #empty() {
    this.#text().value = "";
    forget(this.#draftKey);
    this.#fit();
    this.#say("");
  }

  #input() {
    const typed = this.#text().value;
    if (typed) save(this.#draftKey, typed);
    else forget(this.#draftKey);
    this.#fit();
    this.#count();
    this.#tellTyping(typed);
  }

  #count() {
    // A text has at least half as many characters as UTF-16 units: mostly there is nothing to count.
    const typed = this.#text().value;
    const left = typed.length > NEAR ? MOST - characters(typed.trim()) : MOST;
    if (left < 0) this.#say(text("too_long", { n: (MOST - left).toLocaleString(), max: MOST.toLocaleString() }), true);
    else if (left <= MOST - NEAR) this.#say(text("characters_left", { n: left.toLocaleString() }));
    else this.#say("");
  }

  /** @param {string} sentence */
  #say(sentence, bad = false) {
    const note = this.#note;
    if (note.textContent !== sentence) note.textContent = sentence;
    note.classList.toggle("composer__note--bad", bad);
    this.#text().setAttribute("aria-invalid", String(bad));
  }

  /** @param {string} typed */
  #tellTyping(typed) {
    if (!typed || Date.now() - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = Date.now();
    live.send({ type: "typing", room: this.#room });
  }

  // Browsers without `field-sizing` get the height set; CSSOM is not an inline style for the policy.
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    const area = this.#text();
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
}

/** @param {string} value */
function characters(value) {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

customElements.define("wb-composer", Composer);
