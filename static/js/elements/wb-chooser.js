// @ts-check
// <wb-chooser>: the people ticked in the list are shown above it as chips, whatever the list shows next.
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";
import { Roving } from "../lib/roving.js";

const BOX = "input[type=checkbox][name=people]";

// The chooser that the next one takes the place of, while both are in the page.
/** @type {Chooser | null} */
let latest = null;

class Chooser extends HTMLElement {
  // Who was chosen when the server was last asked.
  /** @type {Set<string | undefined> | null} */
  #asked = null;

  connectedCallback() {
    this.boxes = new Roving(this, BOX, ["ArrowUp", "ArrowDown"]);
    this.drops = new Roving(this, "[data-drop]", ["ArrowLeft", "ArrowRight"]);
    if (latest?.isConnected && latest !== this) this.#follow(latest);
    latest = this;
    for (const chip of this.#chips()) this.#carry(chip);
    this.addEventListener("htmx:beforeRequest", () => (this.#asked = this.#ids()));
    this.addEventListener("change", ({ target }) => this.#ticked(/** @type {HTMLInputElement} */ (target)));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("htmx:afterSwap", () => this.#listed());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  #chips() {
    return this.querySelectorAll("[data-chip]");
  }

  /** @param {string | undefined} id */
  #chip(id) {
    return this.querySelector(`[data-chip="${id}"]`);
  }

  #ids() {
    return new Set([...this.#chips()].map((chip) => chip.dataset.chip));
  }

  /**
   * What was ticked or cleared while the answer was on its way.
   * @param {Chooser} earlier
   */
  #follow(earlier) {
    if (!earlier.#asked) return;
    const now = earlier.#ids();
    for (const id of earlier.#asked) if (!now.has(id)) this.#chip(id)?.remove();
    for (const id of now) {
      const chip = earlier.#asked.has(id) || this.#chip(id) ? null : earlier.#chip(id);
      if (chip) need(this, "[data-chips]").append(chip.cloneNode(true));
    }
    this.#tick();
    this.#count();
  }

  /**
   * The list may change to one without the person: the chip sends them then.
   * @param {HTMLElement} chip
   */
  #carry(chip) {
    if (chip.querySelector("input")) return;
    chip.append(Object.assign(document.createElement("input"), { type: "hidden", name: "people", value: chip.dataset.chip }));
  }

  /** @param {HTMLInputElement} box */
  #ticked(box) {
    if (!box.matches(BOX)) return;
    if (!box.checked) this.#chip(box.value)?.remove();
    else if (!this.#chip(box.value)) this.#add(box);
    this.#count();
  }

  /** @param {HTMLInputElement} box */
  #add(box) {
    const row = /** @type {HTMLElement} */ (box.closest(".choice"));
    /** @type {HTMLTemplateElement} */
    const blank = need(this, "[data-blank]");
    const chip = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
    const name = need(row, ".person-name");
    const badge = row.querySelector(".company-badge");
    chip.dataset.chip = box.value;
    need(chip, ".chip__name").append(name.cloneNode(true));
    need(chip, ".chip__badge").replaceWith(badge ? badge.cloneNode(true) : "");
    const label = need(chip, "[data-drop] .visually-hidden");
    label.textContent = label.textContent.replace("{name}", () => name.textContent);
    /** @type {HTMLInputElement} */ (need(chip, "input")).value = box.value;
    const chips = need(this, "[data-chips]");
    chips.append(chip);
    chips.scrollTop = chips.scrollHeight;
  }

  /** @param {Heard<MouseEvent>} event */
  #clicked(event) {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    const chip = /** @type {HTMLElement} */ (drop.closest("[data-chip]"));
    const next = chip.nextElementSibling ?? chip.previousElementSibling;
    /** @type {HTMLInputElement | null} */
    const box = this.querySelector(`${BOX}[value="${chip.dataset.chip}"]`);
    if (box) box.checked = false;
    chip.remove();
    this.#count();
    (next?.querySelector("[data-drop]") ?? need(this, "[data-search]")).focus();
  }

  #listed() {
    this.#tick();
    this.boxes?.refresh();
    const found = this.querySelectorAll(BOX).length;
    const none = this.querySelector(".new__none")?.textContent ?? null;
    need(this, "[data-found]").textContent = found ? text("n_found", { n: found }) : none;
  }

  // A list that was fetched before a box was ticked or cleared does not know of it.
  #tick() {
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = this.querySelectorAll(BOX);
    for (const box of boxes) box.checked = Boolean(this.#chip(box.value));
  }

  /** @param {Heard<KeyboardEvent>} event */
  #key(event) {
    // Enter that ends a composition chooses a word, not a search.
    if (event.key === "Enter" && event.isComposing) event.preventDefault();
    const drop = event.target.closest("[data-drop]");
    if (drop && ["Delete", "Backspace"].includes(event.key)) drop.click();
    const search = event.target.closest("[data-search]");
    if (search && event.key === "ArrowDown") {
      event.preventDefault();
      this.querySelector(".new__people input")?.focus();
    }
  }

  #count() {
    const chosen = this.#chips().length;
    need(this, "[data-count]").textContent = chosen ? text("n_chosen", { n: chosen }) : "";
    this.drops?.refresh();
  }
}

customElements.define("wb-chooser", Chooser);
