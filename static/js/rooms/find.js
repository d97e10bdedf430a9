// @ts-check
// Above the room list: filters apply immediately to the loaded rows, a search asks the server, for rooms and for
// messages beneath them.
// Which rows a filter hides says the style sheet, by [data-filter] of the list and the attributes of the rows.
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";
import { Hits } from "./message-results.js";
import { Whole } from "./lazy-rows.js";

const PAUSE = 200;
// While an input method composes, each key changes what was typed: ask for rooms when the person hesitates, and for
// messages only when the word is there.
const COMPOSING_PAUSE = 600;

export class Find {
  #timer = 0;
  #asked = "";
  // Whether to announce what a filter found.
  #chosen = false;

  /**
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   */
  constructor(list, signal) {
    this.list = list;
    /** @type {HTMLFormElement} */
    this.form = need(list, "[data-find]");
    this.field = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("q"));
    /** @type {LivePartElement} */
    this.part = need(list, "live-part");
    this.source = this.part.getAttribute("src") ?? "";
    this.hits = new Hits(list, signal);
    this.whole = new Whole(list, signal, () => this.#ask());
    this.form.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.form.addEventListener("change", (event) => event.target.matches('[name="filter"]') && this.#choose(), { signal });
    this.field.addEventListener("input", (event) => this.#typed(event.isComposing), { signal });
    this.field.addEventListener("compositionend", () => this.#typed(false), { signal });
    this.field.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("click", (event) => this.#follow(event), { signal, capture: true });
    document.addEventListener("auxclick", (event) => this.#follow(event), { signal, capture: true });
  }

  /** What is being looked for, or nothing. */
  get query() {
    return this.#asked;
  }

  get #filter() {
    return /** @type {RadioNodeList} */ (this.form.elements.namedItem("filter")).value || "all";
  }

  /** A page that came filtered has only these rows: have them all, so that the next filter has them too. */
  start() {
    this.#asked = this.field.value.trim();
    this.hits.start(this.#asked);
    this.part.setAttribute("src", this.#address);
    this.#apply();
    this.whole.watch();
    if (this.#filter !== "all") this.whole.want();
  }

  /** The rows are new. */
  fetched() {
    this.whole.watch();
    this.show();
    this.list.removeAttribute("aria-busy");
    if (this.#asked || this.#chosen) this.#announce();
    this.#chosen = false;
  }

  /** The rows did not come. */
  failed() {
    this.whole.failed();
    this.list.removeAttribute("aria-busy");
  }

  /** The rows, or what is unread in them, changed. */
  show() {
    const found = this.#shown.length > 0 || this.whole.isCut;
    this.list.dataset.none = found ? "" : this.#asked ? "query" : this.#filter;
  }

  get #shown() {
    const rows = [...need(this.list, "[data-rows]").children];
    return rows.filter((row) => this.#passes(row));
  }

  /** @param {Element} row */
  #passes(row) {
    const { dataset, firstElementChild: link } = /** @type {HTMLElement} */ (row);
    if (this.#filter !== "unread") return this.#filter === "all" || this.#filter in dataset;
    return "unread" in dataset || "marked" in dataset || Boolean(link?.hasAttribute("aria-current"));
  }

  #choose() {
    this.#chosen = this.#filter !== "all" && this.whole.want();
    this.#apply();
    need(this.list, "[data-scroll]").scrollTop = 0;
    const address = new URL(location.href);
    if (this.#filter === "all") address.searchParams.delete("filter");
    else address.searchParams.set("filter", this.#filter);
    address.searchParams.delete("q");
    history.replaceState(history.state, "", address);
    if (!this.#chosen) this.#announce();
  }

  #apply() {
    this.list.dataset.filter = this.#filter;
    this.show();
  }

  #announce() {
    const said = [counted(this.#shown.length, "one_room", "n_rooms")];
    if (this.hits.count) said.push(counted(this.hits.count, "one_message", "n_messages"));
    need(this.list, "[data-found]").textContent = said.join(", ");
  }

  /** @param {boolean} composing */
  #typed(composing) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(composing), composing ? COMPOSING_PAUSE : PAUSE);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#search();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.isComposing || !this.field.value) return;
    event.preventDefault();
    this.field.value = "";
    this.#search();
  }

  #search(composing = false) {
    clearTimeout(this.#timer);
    const query = this.field.value.trim();
    if (composing) this.hits.wait();
    else this.hits.search(query).then(() => this.#announce());
    if (query === this.#asked) return;
    this.#asked = query;
    need(this.list, "[data-scroll]").scrollTop = 0;
    need(this.list, "[data-found]").textContent = "";
    this.#ask();
  }

  get #address() {
    const wanted = new URLSearchParams(this.whole.wanted ? "rows=all" : "");
    if (this.list.dataset.open) wanted.set("open", this.list.dataset.open);
    if (this.#asked) wanted.set("q", this.#asked);
    return wanted.size ? `${this.source}?${wanted}` : this.source;
  }

  #ask() {
    this.part.setAttribute("src", this.#address);
    this.list.setAttribute("aria-busy", "true");
    this.part.refetch();
  }

  /**
   * The filter goes with the reader into a room and back to the list.
   * @param {Heard<MouseEvent>} event
   */
  #follow(event) {
    /** @type {HTMLAnchorElement | null} */
    const link = event.target.closest?.("a.room-row, a[data-to-list]");
    if (link) link.search = this.#filter === "all" ? "" : `?filter=${this.#filter}`;
  }
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
function counted(n, one, many) {
  return n === 1 ? text(one) : text(many, { n });
}
