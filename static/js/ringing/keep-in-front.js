// @ts-check
// What must be seen and usable whatever is open. A modal dialog makes all that is not inside it inert, in whatever layer
// it is: so what floats goes into the dialog, and into the top layer there.
const dialogs = [.../** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog:modal"))];
/** @type {Map<HTMLElement, { wanted: () => boolean, home: Element }>} */
const floating = new Map();

/**
 * Keep `popover` (a manual one) in front while `wanted()`; it lives in the body, after the element `home`.
 * @param {HTMLElement} popover
 * @param {() => boolean} wanted
 * @param {Element} home
 */
export function keepInFront(popover, wanted, home) {
  floating.set(popover, { wanted, home });
}

/**
 * Put it where it belongs now; with `again` once more above what has come since.
 * @param {HTMLElement} popover
 */
export function bringToFront(popover, again = false) {
  const kept = floating.get(popover);
  if (!kept) return;
  const { wanted, home } = kept;
  const dialog = wanted() ? frontDialog() : null;
  const focused = popover.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  if (again && popover.matches(":popover-open")) popover.hidePopover();
  if (dialog && popover.parentNode !== dialog) dialog.append(popover);
  else if (!dialog && popover.parentNode !== document.body) home.after(popover);
  if (wanted() === popover.matches(":popover-open")) return;
  popover.togglePopover(wanted());
  if (wanted()) focused?.focus({ preventScroll: true });
}

/** The dialog that is in front of the page now, or null. */
export function frontDialog() {
  return dialogs.findLast((dialog) => dialog.isConnected && dialog.matches(":modal")) ?? null;
}

new MutationObserver((records) => {
  const changed = new Set(records.map(({ target }) => target).filter((target) => target instanceof HTMLDialogElement));
  for (const dialog of changed) {
    if (dialogs.includes(dialog)) dialogs.splice(dialogs.indexOf(dialog), 1);
    if (dialog.matches(":modal")) dialogs.push(dialog);
  }
  if (changed.size) for (const popover of floating.keys()) bringToFront(popover);
}).observe(document.documentElement, { attributes: true, attributeFilter: ["open"], subtree: true });

document.addEventListener("fullscreenchange", () => {
  for (const popover of floating.keys()) bringToFront(popover, true);
});
