// @ts-check
// Native dialogs: [data-dialog="ID"] opens one, [data-close] inside closes it, a click beside it too.
// A <dialog data-src data-select> loads its content each time it opens. <wb-dialog> is only a wrapper to hang one in.
import { focusFirst } from "../lib/focus.js";
import { ask } from "../lib/http.js";
import { element, fragment } from "../lib/html.js";
import { text } from "../lib/page.js";

class Dialog extends HTMLElement {
  connectedCallback() {
    /** @type {HTMLDialogElement | null} */
    const dialog = this.querySelector("dialog[data-open]");
    if (dialog && !dialog.open) open(dialog);
  }
}

customElements.define("wb-dialog", Dialog);

/** @param {HTMLDialogElement} dialog */
async function open(dialog) {
  if (dialog.open) return;
  if (dialog.dataset.src) dialog.replaceChildren(element("p", { className: "dialog__wait" }, "…"));
  dialog.showModal();
  if (!dialog.dataset.src) return;
  // What was loaded goes with the dialog: its ids may be those of the next one.
  dialog.addEventListener("close", () => dialog.replaceChildren(), { once: true });
  await fill(dialog);
}

/** @param {HTMLDialogElement} dialog */
async function fill(dialog) {
  try {
    const answer = await ask(dialog.dataset.src ?? "");
    const content = fragment(await answer.text());
    dialog.replaceChildren((dialog.dataset.select ? content.querySelector(dialog.dataset.select) : null) ?? content);
    window.htmx?.process(dialog);
    focusFirst(dialog);
  } catch {
    const close = element("button", { type: "button", className: "btn", dataset: { close: "" } }, text("close"));
    const sentence = element("p", { className: "dialog__wait", role: "alert" }, text("load_failed"));
    dialog.replaceChildren(sentence, element("p", { className: "dialog__foot" }, close));
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog ?? "");
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    open(dialog);
  } else if (event.target.closest?.("[data-close]")) {
    event.target.closest("dialog")?.close();
  }
});

// Only a press that began beside the dialog closes it: selecting text may end there.
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right;
  if (!inside || event.clientY < box.top || event.clientY > box.bottom) dialog.close();
});
