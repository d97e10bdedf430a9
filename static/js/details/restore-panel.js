// @ts-check
// Not a module: runs while the page is read, so that an open details panel has its place before anything is painted.
try {
  const kept = localStorage.getItem(`wb.${document.body.dataset.member}.details`);
  if (kept === "true" && matchMedia("(min-width: 1100px)").matches) document.documentElement.dataset.details = "open";
} catch {
  // Nothing is kept where storage is forbidden.
}
