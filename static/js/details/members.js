// The member list of the details: "Show more", search, and fresh pages when the room changed.
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
  #known = null;

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

  #field(event) {
    return event.target.closest("[data-members-find]")?.elements.q;
  }

  /** The details are new; the list that was there keeps itself, as more than its first page may be shown. */
  refetch() {
    if (this.#list && this.#list === this.#known) this.#load();
    this.#known = this.#list;
  }

  #more(event) {
    const link = event.target.closest("[data-members-more]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#pages = Number(new URL(link.href).searchParams.get("page"));
    const last = [...this.root.querySelectorAll(".member")].at(-1);
    this.#load().then(() => this.#goOn(last));
  }

  // The button is gone or further down: the focus goes on where the new rows begin.
  #goOn(last) {
    if (this.root.contains(document.activeElement) && document.activeElement.isConnected) return;
    const rows = [...this.root.querySelectorAll(".member")];
    const next = rows[rows.indexOf(last) + 1];
    if (!next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  #typed(event) {
    if (!this.#field(event)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(event.target.value), event.isComposing ? COMPOSING_PAUSE : PAUSE);
  }

  #escape(event) {
    const field = this.#field(event);
    if (event.key !== "Escape" || event.isComposing || !field?.value) return;
    event.preventDefault();
    field.value = "";
    this.#search("");
  }

  #submit(event) {
    const field = this.#field(event);
    if (!field) return;
    event.preventDefault();
    this.#search(field.value);
  }

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

  async #page(page) {
    const address = `${this.#list.dataset.src}?page=${page}&q=${encodeURIComponent(this.#query)}`;
    const answer = await ask(address);
    return fragment(await answer.text()).querySelector("#members");
  }
}

// A company may go on from one page to the next: its people belong together.
function joined([first, ...others]) {
  for (const page of others) {
    first.querySelector("#members-more")?.remove();
    for (const part of [...page.children]) {
      const same = part.id && first.querySelector(`#${part.id}`);
      if (same) same.querySelector("ul").append(...part.querySelector("ul").children);
      else first.append(part);
    }
  }
  return first;
}
