// <wb-chooser>: the people ticked in the list below stand above it as chips, whatever the list shows next.
import { text } from "../lib/page.js";
import { Roving } from "../lib/roving.js";

const BOX = "input[type=checkbox][name=people]";

// The chooser that the next one takes the place of, while both are in the page.
let latest = null;

class Chooser extends HTMLElement {
  // Who was chosen when the server was last asked.
  #asked = null;

  connectedCallback() {
    this.boxes = new Roving(this, BOX, ["ArrowUp", "ArrowDown"]);
    this.drops = new Roving(this, "[data-drop]", ["ArrowLeft", "ArrowRight"]);
    if (latest?.isConnected && latest !== this) this.#follow(latest);
    latest = this;
    for (const chip of this.#chips()) this.#carry(chip);
    this.addEventListener("htmx:beforeRequest", () => (this.#asked = this.#ids()));
    this.addEventListener("change", ({ target }) => target.name === "people" && this.#ticked(target));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("htmx:afterSwap", () => this.#listed());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  #chips() {
    return this.querySelectorAll("[data-chip]");
  }

  #chip(id) {
    return this.querySelector(`[data-chip="${id}"]`);
  }

  #ids() {
    return new Set([...this.#chips()].map((chip) => chip.dataset.chip));
  }

  // What was ticked or cleared while the answer was on its way.
  #follow(earlier) {
    if (!earlier.#asked) return;
    const now = earlier.#ids();
    for (const id of earlier.#asked) if (!now.has(id)) this.#chip(id)?.remove();
    for (const id of now) {
      if (!earlier.#asked.has(id) && !this.#chip(id)) this.querySelector("[data-chips]").append(earlier.#chip(id).cloneNode(true));
    }
    this.#tick();
    this.#count();
  }

  // The list may change to one without the person: the chip sends them then.
  #carry(chip) {
    if (chip.querySelector("input")) return;
    chip.append(Object.assign(document.createElement("input"), { type: "hidden", name: "people", value: chip.dataset.chip }));
  }

  #ticked(box) {
    if (!box.checked) this.#chip(box.value)?.remove();
    else if (!this.#chip(box.value)) this.#add(box);
    this.#count();
  }

  #add(box) {
    const row = box.closest(".choice");
    const chip = this.querySelector("[data-blank]").content.firstElementChild.cloneNode(true);
    const name = row.querySelector(".person-name");
    const badge = row.querySelector(".company-badge");
    chip.dataset.chip = box.value;
    chip.querySelector(".chip__name").append(name.cloneNode(true));
    chip.querySelector(".chip__badge").replaceWith(badge ? badge.cloneNode(true) : "");
    const label = chip.querySelector("[data-drop] .visually-hidden");
    label.textContent = label.textContent.replace("{name}", name.textContent);
    chip.querySelector("input").value = box.value;
    const chips = this.querySelector("[data-chips]");
    chips.append(chip);
    chips.scrollTop = chips.scrollHeight;
  }

  #clicked(event) {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    const chip = drop.closest("[data-chip]");
    const next = chip.nextElementSibling ?? chip.previousElementSibling;
    const box = this.querySelector(`${BOX}[value="${chip.dataset.chip}"]`);
    if (box) box.checked = false;
    chip.remove();
    this.#count();
    (next?.querySelector("[data-drop]") ?? this.querySelector("[data-search]")).focus();
  }

  #listed() {
    this.#tick();
    this.boxes.refresh();
    const found = this.querySelectorAll(BOX).length;
    const none = this.querySelector(".new__none")?.textContent;
    this.querySelector("[data-found]").textContent = found ? text("n_found", { n: found }) : none;
  }

  // A list that was fetched before a box was ticked or cleared does not know of it.
  #tick() {
    for (const box of this.querySelectorAll(BOX)) box.checked = Boolean(this.#chip(box.value));
  }

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
    this.querySelector("[data-count]").textContent = chosen ? text("n_chosen", { n: chosen }) : "";
    this.drops.refresh();
  }
}

customElements.define("wb-chooser", Chooser);
