// <wb-menu> around <details>: closes on Escape, on a click elsewhere and when the focus leaves.
class Menu extends HTMLElement {
  #close = (event) => {
    if (!this.contains(event.target)) this.#details().open = false;
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

  #details() {
    return this.querySelector("details");
  }

  #escape() {
    const details = this.#details();
    if (!details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  }
}

customElements.define("wb-menu", Menu);
