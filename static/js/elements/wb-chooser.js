// <wb-chooser>: the people ticked in the list below stand above it as chips, whatever the list shows next.
import { text } from "../lib/page.js";

class Chooser extends HTMLElement {
  connectedCallback() {
    for (const chip of this.#chips()) this.#carry(chip);
    this.addEventListener("change", ({ target }) => target.name === "people" && this.#ticked(target));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("htmx:afterSwap", () => this.#tick());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  #chips() {
    return this.querySelectorAll("[data-chip]");
  }

  #chip(id) {
    return this.querySelector(`[data-chip="${id}"]`);
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
    this.querySelector("[data-chips]").append(chip);
    chip.scrollIntoView({ block: "nearest" });
  }

  #clicked(event) {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    const chip = drop.closest("[data-chip]");
    const next = chip.nextElementSibling ?? chip.previousElementSibling;
    const box = this.querySelector(`input[type=checkbox][value="${chip.dataset.chip}"]`);
    if (box) box.checked = false;
    chip.remove();
    this.#count();
    (next?.querySelector("[data-drop]") ?? this.querySelector("[data-search]")).focus();
  }

  // A list that was fetched before a box was ticked or cleared does not know of it.
  #tick() {
    for (const box of this.querySelectorAll("input[type=checkbox][name=people]")) box.checked = Boolean(this.#chip(box.value));
  }

  #key(event) {
    // Enter that ends a composition chooses a word, not a search.
    if (event.key === "Enter" && event.isComposing) event.preventDefault();
    const search = event.target.closest("[data-search]");
    if (search && event.key === "ArrowDown") {
      event.preventDefault();
      this.querySelector(".new__people input")?.focus();
    }
  }

  #count() {
    const chosen = this.#chips().length;
    const count = this.querySelector("[data-count]");
    count.textContent = text("n_chosen", { n: chosen });
    count.hidden = chosen === 0;
    this.querySelector("[data-chips]").hidden = chosen === 0;
  }
}

customElements.define("wb-chooser", Chooser);
