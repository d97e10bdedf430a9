// @ts-check
// <wb-menu> around <details>: closes on Escape, on a click elsewhere and when the focus leaves.
import { need } from "../lib/dom.js";

class Menu extends HTMLElement {
  /** @param {Event} event */
  #close = (event) => {
    if (!this.contains(/** @type {Node} */ (event.target))) this.#details().open = false;
  };

  connectedCallback() {
    document.addEventListener("click", this.#close);
    document.addEventListener("focusin", this.#close);
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape());
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#close);
    document.removeEventListener("focusin", this.#close);
  }

  /** @returns {HTMLDetailsElement} */
  #details() {
    return need(this, "details");
  }

  #escape() {
    const details = this.#details();
    if (!details.open) return;
    details.open = false;
    details.querySelector("summary")?.focus();
  }
}

customElements.define("wb-menu", Menu);
