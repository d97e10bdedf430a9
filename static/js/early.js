// Before the modules are there, on a slow line: Enter sends what was typed as the form does without scripts.
// A script of the old kind, because it runs at once; the composer takes over as soon as it is ready.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!(field instanceof HTMLTextAreaElement) || !("text" in field.dataset) || "ready" in field.dataset) return;
  if (matchMedia("(hover: none) and (pointer: coarse)").matches || !field.value.trim()) return;
  event.preventDefault();
  field.form?.requestSubmit();
});
