// <wb-filter for="ID"> with an input [data-filter]: shows the elements with [data-name] below ID that match.
class Filter extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.apply());
    this.addEventListener("keydown", (event) => this.#escape(event));
    this.#target()?.addEventListener("wb:part", () => this.apply());
  }

  #target() {
    return document.getElementById(this.getAttribute("for"));
  }

  #input() {
    return this.querySelector("[data-filter]");
  }

  #escape(event) {
    if (event.key !== "Escape" || !this.#input().value) return;
    this.#input().value = "";
    this.apply();
  }

  apply() {
    const wanted = fold(this.#input().value);
    let shown = 0;
    const rows = this.#target()?.querySelectorAll("[data-name]") ?? [];
    for (const row of rows) {
      row.hidden = !fold(row.dataset.name).includes(wanted);
      shown += !row.hidden;
    }
    const nothing = this.#target()?.querySelector("[data-nothing]");
    if (nothing) nothing.hidden = !wanted || shown > 0;
  }
}

function fold(value) {
  return value.normalize("NFKC").toLowerCase().trim();
}

customElements.define("wb-filter", Filter);
