// @ts-check
// <wb-room-list>: keeps the rows right while frames arrive; what it cannot know it fetches.
import { need } from "../lib/dom.js";
import { isFromOthers } from "../lib/items.js";
import { member, text } from "../lib/page.js";
import { nameOf } from "../lib/names.js";
import { sentence } from "../lib/system.js";
import { applyTimes } from "../lib/times.js";
import { live } from "../live.js";
import { Find } from "../rooms/find.js";
import { RowMenu } from "../rooms/menu.js";

const SETTLE = 300;

class RoomList extends HTMLElement {
  #stop = new AbortController();
  /** @type {Find} */
  #find;
  #timer = 0;
  // What rooms that are not among the rows add to the mark.
  #hidden = 0;

  connectedCallback() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    live.addEventListener("frame:room", ({ detail }) => this.#changed(detail), { signal });
    live.addEventListener("frame:read", ({ detail }) => this.#read(detail), { signal });
    live.addEventListener("frame:heads", ({ detail }) => this.#compare(detail.list), { signal });
    live.addEventListener("frame:gone", () => this.refetch(), { signal });
    document.addEventListener("wb:read", ({ detail }) => this.#clear(detail.room), { signal });
    document.addEventListener("wb:unmarked", ({ detail }) => this.#unmark(detail.room), { signal });
    document.addEventListener("wb:room-gone", () => this.refetch(), { signal });
    this.addEventListener("wb:part", () => this.#fetched(), { signal });
    this.addEventListener("wb:part-failed", () => this.#find.failed(), { signal });
    this.#find = new Find(this, signal);
    this.menu = new RowMenu(this, signal);
    this.#mark();
    this.#find.start();
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** Fetch the list again, once for wishes that come close together. */
  refetch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.querySelector("live-part")?.refetch(), SETTLE);
  }

  #rows() {
    return need(this, "[data-rows]");
  }

  /** @param {number | string} room */
  #row(room) {
    return this.#rows().querySelector(`:scope > [data-room="${room}"]`);
  }

  get #open() {
    return this.dataset.open;
  }

  /** @param {Frames["room"]} frame */
  #changed(frame) {
    const row = this.#row(frame.room);
    if (frame.refresh || (!row && !this.#find.query)) this.refetch();
    else if (!row) this.#hidden += frame.rev - frame.after;
    else if (frame.rev > Number(row.dataset.rev)) this.#update(row, frame);
  }

  /**
   * @param {HTMLElement} row
   * @param {Frames["room"]} frame
   */
  #update(row, frame) {
    const before = Number(row.dataset.rev);
    row.dataset.mark = String(Number(row.dataset.mark) + frame.rev - before);
    row.dataset.rev = String(frame.rev);
    if (frame.preview) this.#preview(row, frame.preview);
    this.#add(row, frame.items.filter(({ seq }) => seq > before));
  }

  /**
   * An older message than the last one that is changed does not show here, and the last one stays where it is.
   * @param {HTMLElement} row
   * @param {Preview} preview
   */
  #preview(row, { seq, text: said, event, at, author, name }) {
    const last = Number(row.dataset.last);
    if (seq < last) return;
    row.dataset.last = String(seq);
    const who = "group" in row.dataset && author && author !== member ? `${nameOf(author) ?? name}: ` : "";
    need(row, "[data-preview]").textContent = event ? sentence(event) : who + said;
    if (seq === last) return;
    /** @type {HTMLTimeElement} */ (need(row, "time")).dateTime = at;
    applyTimes(row);
    this.#raise(row);
  }

  /**
   * To the top of the pinned rows or of the others.
   * @param {HTMLElement} row
   */
  #raise(row) {
    const pinned = "pinned" in row.dataset;
    const first = this.#rows().querySelector(pinned ? ":scope > *" : ":scope > :not([data-pinned])");
    if (first === row) return;
    const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    first?.before(row);
    focused?.focus({ preventScroll: true });
  }

  /**
   * @param {HTMLElement} row
   * @param {Item[]} items
   */
  #add(row, items) {
    const fresh = items.filter(isFromOthers).length;
    if (!fresh) return;
    const count = need(row, "[data-count]");
    this.#count(row, Number(count.dataset.count) + fresh);
  }

  /**
   * @param {HTMLElement} row
   * @param {number} unread
   */
  #count(row, unread) {
    const count = need(row, "[data-count]");
    count.dataset.count = String(unread);
    need(count, "[data-number]").textContent = unread > 999 ? "999+" : String(unread);
    count.hidden = unread === 0;
    row.toggleAttribute("data-unread", unread > 0);
    this.#find.show();
  }

  /**
   * This page itself has read the room to its end.
   * @param {number} room
   */
  #clear(room) {
    const row = this.#row(room);
    if (row && "unread" in row.dataset) this.#count(row, 0);
  }

  /** @param {number} room */
  #unmark(room) {
    this.#row(room)?.removeAttribute("data-marked");
  }

  /**
   * Another page of this member has read: how much is left only the server knows.
   * @param {Frames["read"]} frame
   */
  #read({ room, member: reader }) {
    if (reader === member && String(room) !== this.#open) this.refetch();
  }

  /**
   * The sum of the rows' marks tells whether something was missed.
   * @param {number | undefined} mark
   */
  #compare(mark) {
    if (mark !== undefined && mark !== this.#sum() + this.#hidden) this.refetch();
  }

  #sum() {
    /** @type {NodeListOf<HTMLElement>} */
    const rows = this.#rows().querySelectorAll(":scope > *");
    return [...rows].reduce((sum, row) => sum + Number(row.dataset.mark), 0);
  }

  #fetched() {
    this.#mark();
    this.#find.fetched();
    document.dispatchEvent(new CustomEvent("wb:list"));
  }

  // The part is rendered without knowing which room this page has open.
  #mark() {
    this.#hidden = Number(this.#rows().dataset.mark) - this.#sum();
    const link = this.#open && this.#row(this.#open)?.querySelector("a");
    if (link) link.setAttribute("aria-current", "page");
    for (const count of this.querySelectorAll("[data-count]")) {
      count.title = Number(count.dataset.count) ? text("unread", { n: count.dataset.count ?? "" }) : "";
    }
  }
}

customElements.define("wb-room-list", RoomList);
