// @ts-check
// The member list of the details: "Show more", search, and fresh pages when the room changed.
import { need } from "../lib/dom.js";
import { ask } from "../lib/http.js";
import { fragment } from "../lib/html.js";
import { morphChildren } from "../lib/morph.js";

const PAUSE = 200;
const COMPOSING_PAUSE = 600;

export class Members {
  #pages = 1;
  #query = "";
  #asked = 0;
  #timer = 0;
  /** @type {HTMLElement | null} */
  #known = null;

  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   */
  constructor(root, signal) {
    this.root = root;
    this.#known = this.#list;
    root.addEventListener("click", (event) => this.#more(event), { signal });
    root.addEventListener("input", (event) => this.#typed(event), { signal });
    root.addEventListener("compositionend", (event) => this.#typed(event), { signal });
    root.addEventListener("keydown", (event) => this.#escape(event), { signal });
    root.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  get #list() {
    return this.root.querySelector("#members");
  }

  /**
   * @param {Heard<Event>} event
   * @returns {HTMLInputElement | undefined}
   */
  #field(event) {
    /** @type {HTMLFormElement | null} */
    const form = event.target.closest("[data-members-find]");
    return /** @type {HTMLInputElement | undefined} */ (form?.elements.namedItem("q") ?? undefined);
  }

  /** The details are new; the list that was there keeps itself, as more than its first page may be shown. */
  refetch() {
    if (this.#list && this.#list === this.#known) this.#load();
    this.#known = this.#list;
  }

  /** @param {Heard<MouseEvent>} event */
  #more(event) {
    /** @type {HTMLAnchorElement | null} */
    const link = event.target.closest("[data-members-more]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#pages = Number(new URL(link.href).searchParams.get("page"));
    const last = [...this.root.querySelectorAll(".member")].at(-1);
    this.#load().then(() => this.#goOn(last));
  }

  /**
   * The button is gone or further down: the focus goes on where the new rows begin.
   * @param {HTMLElement | undefined} last
   */
  #goOn(last) {
    if (this.root.contains(document.activeElement)) return;
    const rows = [...this.root.querySelectorAll(".member")];
    const next = rows[(last ? rows.indexOf(last) : -1) + 1];
    if (!next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  /** @param {Heard<InputEvent | CompositionEvent>} event */
  #typed(event) {
    const field = this.#field(event);
    if (!field) return;
    const composing = event instanceof InputEvent && event.isComposing;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(field.value), composing ? COMPOSING_PAUSE : PAUSE);
  }

  /** @param {Heard<KeyboardEvent>} event */
  #escape(event) {
    const field = this.#field(event);
    if (event.key !== "Escape" || event.isComposing || !field?.value) return;
    event.preventDefault();
    field.value = "";
    this.#search("");
  }

  /** @param {Heard<SubmitEvent>} event */
  #submit(event) {
    const field = this.#field(event);
    if (!field) return;
    event.preventDefault();
    this.#search(field.value);
  }

  /** @param {string} query */
  #search(query) {
    clearTimeout(this.#timer);
    if (query.trim() === this.#query) return;
    this.#query = query.trim();
    this.#pages = 1;
    this.#load();
  }

  // Of several answers on their way only the last one asked for is shown.
  async #load() {
    const turn = ++this.#asked;
    const numbers = Array.from({ length: this.#pages }, (_, index) => index + 1);
    try {
      const pages = await Promise.all(numbers.map((page) => this.#page(page)));
      if (turn !== this.#asked || !this.#list) return;
      morphChildren(this.#list, joined(pages));
      this.root.dispatchEvent(new CustomEvent("wb:members"));
    } catch {
      // The next change of the room, or the next wish, asks again.
    }
  }

  /** @param {number} page */
  async #page(page) {
    const address = `${this.#list?.dataset.src}?page=${page}&q=${encodeURIComponent(this.#query)}`;
    const answer = await ask(address);
    return need(fragment(await answer.text()), "#members");
  }
}

/**
 * A company may go on from one page to the next: its people belong together.
 * @param {HTMLElement[]} pages
 */
function joined([first, ...others]) {
  for (const page of others) {
    first.querySelector("#members-more")?.remove();
    for (const part of [...page.children]) {
      const same = part.id && first.querySelector(`#${part.id}`);
      if (same) need(same, "ul").append(...need(part, "ul").children);
      else first.append(part);
    }
  }
  return first;
}
