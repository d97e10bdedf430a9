// @ts-check
// <wb-details data-room>: the details panel beside the conversation, or (data-page) the details as a page of their own.
// Open or not is [data-details] of the root element; restore-panel.js sets it before the first paint.
import { Members } from "../details/members.js";
import { Presence } from "../details/presence.js";
import { need } from "../lib/dom.js";
import { element } from "../lib/html.js";
import { home, text } from "../lib/page.js";
import { load, save } from "../lib/storage.js";
import { live } from "../live.js";

const KEY = "details";
const wide = matchMedia("(min-width: 1100px)");
const phone = matchMedia("(max-width: 699px)");
const root = document.documentElement;

class Details extends HTMLElement {
  #stop = new AbortController();
  room = 0;
  /** @type {Members} */
  members;
  /** @type {Presence} */
  presence;

  connectedCallback() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.room = Number(this.dataset.room);
    this.members = new Members(this, signal);
    this.presence = new Presence(this, this.room);
    this.addEventListener("wb:part", () => this.#filled(), { signal });
    this.addEventListener("wb:members", () => this.presence.show(), { signal });
    live.addEventListener("open", () => this.presence.ask(), { signal });
    live.addEventListener("frame:presence", ({ detail }) => this.presence.answer(detail), { signal });
    document.addEventListener("visibilitychange", () => this.presence.ask(), { signal });
    if ("page" in this.dataset) this.#page(signal);
    else this.#panel(signal);
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.presence.stop();
  }

  /** @param {AbortSignal} signal */
  #page(signal) {
    const gone = () => location.replace(home);
    live.addEventListener("frame:gone", ({ detail }) => detail.room === this.room && gone(), { signal });
    this.addEventListener("wb:part-gone", gone, { signal });
    this.presence.start();
  }

  /** @param {AbortSignal} signal */
  #panel(signal) {
    document.addEventListener("click", (event) => this.#click(event), { signal });
    document.addEventListener("pointerdown", (event) => this.#beside(event), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("wb:part", () => this.#sync(), { signal });
    document.addEventListener("wb:room-gone", () => this.#gone(), { signal });
    wide.addEventListener("change", () => this.#resized(), { signal });
    if (this.#isOpen) this.open({ focus: false });
    this.#sync();
  }

  get #isOpen() {
    return root.dataset.details === "open";
  }

  get #toggle() {
    return document.querySelector("a[data-details]");
  }

  /** Show the panel; its content is fetched again. */
  open({ focus = !wide.matches } = {}) {
    root.dataset.details = "open";
    this.#sync();
    this.presence.start();
    this.#load();
    if (focus) this.focus({ preventScroll: true });
  }

  close() {
    const inside = this.contains(document.activeElement);
    delete root.dataset.details;
    this.#sync();
    this.presence.stop();
    if (inside) this.#toggle?.focus();
  }

  /**
   * On a wide screen the member's choice lasts; elsewhere the panel covers the conversation and opens only when asked.
   * @param {boolean} open
   */
  #choose(open) {
    if (wide.matches) save(KEY, open);
    if (open) this.open();
    else this.close();
  }

  /** @param {Heard<MouseEvent>} event */
  #click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const toggle = event.target.closest?.("a[data-details]");
    const close = event.target.closest?.("[data-details-close]");
    if (toggle && !(phone.matches && !this.#isOpen)) this.#choose(!this.#isOpen);
    else if (close && this.contains(close)) this.#choose(false);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || wide.matches || !this.#isOpen) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    this.close();
  }

  /**
   * A floating panel goes when something else is pressed.
   * @param {Heard<PointerEvent>} event
   */
  #beside({ target }) {
    if (wide.matches || !this.#isOpen || this.contains(target)) return;
    if (!target.closest("dialog, [popover], a[data-details]")) this.close();
  }

  #resized() {
    const open = wide.matches && load(KEY) === true;
    if (open && !this.#isOpen) this.open({ focus: false });
    else if (!open && this.#isOpen && !wide.matches) this.close();
  }

  #sync() {
    this.#toggle?.setAttribute("aria-expanded", String(this.#isOpen));
    this.#toggle?.setAttribute("aria-controls", this.id);
  }

  async #load() {
    let part = this.querySelector("live-part");
    if (!part) {
      /** @type {HTMLTemplateElement} */
      const template = need(this, "template");
      this.append(template.content.cloneNode(true));
      part = /** @type {LivePartElement} */ (need(this, "live-part"));
    }
    this.setAttribute("aria-busy", "true");
    await part.refetch();
    this.removeAttribute("aria-busy");
    if (part.isConnected && !part.firstElementChild) this.#failed(part);
  }

  /** @param {Element} part */
  #failed(part) {
    const again = element("button", { type: "button", className: "btn" }, text("try_again"));
    again.addEventListener("click", () => this.#load());
    part.replaceChildren(element("div", { className: "details__failed", role: "alert" }, element("p", {}, text("load_failed")), again));
  }

  #filled() {
    this.presence.show();
    this.presence.ask();
    this.members.refetch();
  }

  #gone() {
    delete root.dataset.details;
    this.remove();
  }
}

customElements.define("wb-details", Details);
