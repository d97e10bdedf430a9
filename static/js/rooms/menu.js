// @ts-check
// One menu for all rows of the room list: it is filled for the row whose button was pressed.
import { need } from "../lib/dom.js";
import { place } from "../lib/place.js";

export class RowMenu {
  /** @type {HTMLElement | null} */
  #row = null;
  /** @type {HTMLButtonElement | null} */
  #button = null;

  /**
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   */
  constructor(list, signal) {
    this.list = list;
    this.menu = need(list, "#row-menu");
    list.addEventListener("click", (event) => this.#click(event), { signal });
    this.menu.addEventListener("toggle", (event) => event.newState === "closed" && this.#release(), { signal });
    // A press on the button of the open menu would first close it, as a press beside it, and then open it again.
    list.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
  }

  /** @param {Heard<PointerEvent>} event */
  #pressed(event) {
    /** @type {HTMLButtonElement | null} */
    const button = event.target.closest("[data-row-more]");
    if (button) button.toggleAttribute("data-was-open", button === this.#button);
  }

  /** @param {Heard<MouseEvent>} event */
  #click(event) {
    /** @type {HTMLButtonElement | null} */
    const button = event.target.closest("[data-row-more]");
    if (!button) return;
    event.preventDefault();
    const was = button.hasAttribute("data-was-open");
    button.removeAttribute("data-was-open");
    if (!was) this.#open(button);
  }

  /** @param {HTMLButtonElement} button */
  #open(button) {
    if (this.menu.matches(":popover-open")) this.menu.hidePopover();
    this.#release();
    this.#button = button;
    const row = (this.#row = /** @type {HTMLElement} */ (button.closest("[data-room]")));
    this.#fill(row.dataset, button.formAction);
    this.menu.showPopover();
    place(this.menu, button);
    button.setAttribute("aria-expanded", "true");
    row.setAttribute("data-menu", "");
    this.menu.querySelector("button:not([hidden])")?.focus();
  }

  /**
   * @param {DOMStringMap} row
   * @param {string} details
   */
  #fill({ room, name, ...state }, details) {
    this.menu.setAttribute("aria-label", name ?? "");
    for (const form of this.menu.querySelectorAll("form")) {
      form.action = new URL("../settings/", details).href;
      form.dataset.of = room;
    }
    const unread = "unread" in state || "marked" in state;
    /** @type {Record<string, boolean>} */
    const on = { pinned: "pinned" in state, muted: "muted" in state, hidden: "hidden" in state, unread };
    /** @type {NodeListOf<HTMLButtonElement>} */
    const choices = this.menu.querySelectorAll("button[name]");
    for (const choice of choices) choice.hidden = on[choice.name] === (choice.value === "1");
    // What waits to be read is read by opening it.
    if ("unread" in state) need(this.menu, '[name="unread"][value="0"]').hidden = true;
  }

  #release() {
    this.#button?.removeAttribute("aria-expanded");
    this.#row?.removeAttribute("data-menu");
    this.#button = this.#row = null;
  }
}
