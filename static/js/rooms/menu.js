// One menu for all rows of the room list: it is filled for the row whose button was pressed.
import { place } from "../lib/place.js";

export class RowMenu {
  #row = null;
  #button = null;

  constructor(list, signal) {
    this.list = list;
    this.menu = list.querySelector("#row-menu");
    list.addEventListener("click", (event) => this.#click(event), { signal });
    this.menu.addEventListener("toggle", (event) => event.newState === "closed" && this.#release(), { signal });
    // A press on the button of the open menu would first close it, as a press beside it, and then open it again.
    list.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
  }

  #pressed(event) {
    const button = event.target.closest("[data-row-more]");
    if (button) button.toggleAttribute("data-was-open", button === this.#button);
  }

  #click(event) {
    const button = event.target.closest("[data-row-more]");
    if (!button) return;
    event.preventDefault();
    const was = button.hasAttribute("data-was-open");
    button.removeAttribute("data-was-open");
    if (!was) this.#open(button);
  }

  #open(button) {
    if (this.menu.matches(":popover-open")) this.menu.hidePopover();
    this.#release();
    this.#button = button;
    this.#row = button.closest("[data-room]");
    this.#fill(this.#row.dataset, button.formAction);
    this.menu.showPopover();
    place(this.menu, button);
    this.#button.setAttribute("aria-expanded", "true");
    this.#row.setAttribute("data-menu", "");
    this.menu.querySelector("button:not([hidden])")?.focus();
  }

  #fill({ room, name, ...state }, details) {
    this.menu.setAttribute("aria-label", name);
    for (const form of this.menu.querySelectorAll("form")) {
      form.action = new URL("../settings/", details);
      form.dataset.of = room;
    }
    const unread = "unread" in state || "marked" in state;
    const on = { pinned: "pinned" in state, muted: "muted" in state, hidden: "hidden" in state, unread };
    for (const choice of this.menu.querySelectorAll("button[name]")) choice.hidden = on[choice.name] === (choice.value === "1");
    // What waits to be read is read by opening it.
    if ("unread" in state) this.menu.querySelector('[name="unread"][value="0"]').hidden = true;
  }

  #release() {
    this.#button?.removeAttribute("aria-expanded");
    this.#row?.removeAttribute("data-menu");
    this.#button = this.#row = null;
  }
}
