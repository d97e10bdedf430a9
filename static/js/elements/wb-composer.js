// @ts-check
// <wb-composer data-room>: Enter sends, Shift+Enter breaks the line, drafts survive, too long a text is kept and said.
import { Draft } from "../composer/draft.js";
import { lengthNote } from "../composer/length.js";
import { TellTyping } from "../composer/typing.js";
import { showsNothing, withoutEmptyLines } from "../lib/characters.js";
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";
import { outbox } from "../outbox.js";

// Some input methods report this instead of isComposing for the Enter that ends a composition.
const COMPOSING_KEY = 229;

/** Whether fingers type here, on a keyboard of the screen. */
function isPhone() {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

class Composer extends HTMLElement {
  /** @type {Draft} */
  #draft;
  /** @type {TellTyping} */
  #typing;
  #stop = new AbortController();

  connectedCallback() {
    this.#stop = new AbortController();
    this.#draft = new Draft(this.#room);
    this.#draft.follow((before, now) => this.#changedElsewhere(before, now), this.#stop.signal);
    this.#typing = new TellTyping(this.#room);
    if (this.#text().dataset.ready) return;
    this.#text().dataset.ready = "1";
    this.#form.noValidate = true;
    this.addEventListener("submit", (event) => this.#submit(event));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("input", () => this.#input());
    // What was typed before the scripts were there is a draft, too.
    if (this.#text().value) this.#draft.keep(this.#text().value);
    else this.#text().value = this.#draft.text;
    if (isPhone()) this.#text().enterKeyHint = "enter";
    this.#fit();
    if (!this.#note.textContent.trim()) this.#count();
    if (matchMedia("(hover: hover)").matches) this.#text().focus({ preventScroll: true });
  }

  disconnectedCallback() {
    this.#stop.abort();
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

  /** @returns {HTMLTextAreaElement} */
  #text() {
    return need(this, "[data-text]");
  }

  /** @param {Heard<KeyboardEvent>} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.target !== this.#text()) return;
    // On a phone there is no other key that breaks a line, and a button beside it that sends.
    if (event.isComposing || event.keyCode === COMPOSING_KEY || isPhone()) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const body = withoutEmptyLines(this.#text().value);
    const { sentence, bad } = lengthNote(body);
    if (bad) this.#say(sentence, bad);
    else if (showsNothing(body)) this.#say(this.#text().value ? text("nothing_to_send") : "", true);
    else {
      outbox.add(this.#room, body);
      this.#empty();
    }
    this.#text().focus({ preventScroll: true });
  }

  #empty() {
    this.#text().value = "";
    this.#draft.keep("");
    this.#fit();
    this.#say("");
  }

  /**
   * Sent on another page, it is not to be sent from here again; what was written here since is nobody else's business.
   * @param {string} before
   * @param {string} now
   */
  #changedElsewhere(before, now) {
    if (this.#text().value !== before) return;
    this.#text().value = now;
    this.#fit();
    this.#count();
  }

  #input() {
    const typed = this.#text().value;
    this.#draft.keep(typed);
    this.#fit();
    this.#count();
    this.#typing.typed(typed);
  }

  #count() {
    const { sentence, bad } = lengthNote(this.#text().value);
    this.#say(sentence, bad);
  }

  /** @param {string} sentence */
  #say(sentence, bad = false) {
    const note = this.#note;
    if (note.textContent !== sentence) note.textContent = sentence;
    note.classList.toggle("composer__note--bad", bad);
    this.#text().setAttribute("aria-invalid", String(bad));
  }

  // Browsers without `field-sizing` get the height set; CSSOM is not an inline style for the policy.
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    const area = this.#text();
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
}

customElements.define("wb-composer", Composer);
