// @ts-check
// <wb-photo>: shows the chosen photo in place of the previous one.
import { need } from "../lib/dom.js";

class Photo extends HTMLElement {
  /** @type {HTMLElement} */
  #face;
  /** @type {ChildNode[]} */
  #before = [];

  connectedCallback() {
    this.#face = need(this, ".avatar");
    this.#before = [...this.#face.childNodes];
    this.addEventListener("change", ({ target }) => this.#chosen(/** @type {HTMLInputElement} */ (target)));
  }

  /** @param {HTMLInputElement} field */
  #chosen({ type, files }) {
    if (type === "file") this.#show(files?.[0]);
  }

  /** @param {File | undefined} file */
  async #show(file) {
    const shown = file && (await picture(file));
    this.#face.replaceChildren(...(shown ? [shown] : this.#before));
  }
}

/**
 * Nothing when the browser cannot show it: the server will say why.
 * @param {File} file
 */
async function picture(file) {
  const src = URL.createObjectURL(file);
  const photo = Object.assign(new Image(), { src, alt: "" });
  try {
    await photo.decode();
    return photo;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(src);
  }
}

customElements.define("wb-photo", Photo);
