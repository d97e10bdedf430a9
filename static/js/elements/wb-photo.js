// <wb-photo>: the photo that was chosen stands where the one before was.
class Photo extends HTMLElement {
  connectedCallback() {
    this.face = this.querySelector(".avatar");
    this.before = [...this.face.childNodes];
    this.addEventListener("change", ({ target }) => target.type === "file" && this.#show(target.files[0]));
  }

  async #show(file) {
    const shown = file && (await picture(file));
    this.face.replaceChildren(...(shown ? [shown] : this.before));
  }
}

// Nothing when the browser cannot show it: the server will say why.
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
