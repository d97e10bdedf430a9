// What cannot wait for the modules: a script of the old kind, because it runs at once.

// On a slow line Enter sends what was typed as the form does without scripts; the composer takes over when it is ready.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!(field instanceof HTMLTextAreaElement) || !("text" in field.dataset) || "ready" in field.dataset) return;
  if (matchMedia("(hover: none) and (pointer: coarse)").matches || !field.value.trim()) return;
  event.preventDefault();
  field.form?.requestSubmit();
});

// A part that does not come, or fails while it begins: the page goes on without it, and says so.
function partFailed() {
  /** @type {HTMLTemplateElement | null} */
  const texts = document.querySelector("template[data-texts]");
  const sentence = texts?.content.querySelector('[data-text="part_failed"]');
  const toasts = document.getElementById("toasts");
  if (!sentence || !toasts || toasts.querySelector("[data-part-failed]")) return;
  const note = document.createElement("p");
  note.className = "toast";
  note.dataset.partFailed = "";
  note.setAttribute("role", "alert");
  note.textContent = sentence.textContent;
  toasts.append(note);
}
const failed = (/** @type {Event} */ event) => {
  const isPart = event.target instanceof HTMLScriptElement || event instanceof ErrorEvent;
  if (isPart) addEventListener("DOMContentLoaded", partFailed, { once: true });
};
addEventListener("error", failed, true);
addEventListener("load", () => removeEventListener("error", failed, true), { once: true });
