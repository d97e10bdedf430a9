// @ts-check
// Popover menus (.pop): they open beside their button, arrow keys walk through them, they close when the button moves away.
import { moved, place } from "./lib/place.js";

/** @param {unknown} node */
const menu = (node) => (node instanceof HTMLElement && node.matches(".pop[popover]") ? node : null);
const opened = () => document.querySelector(".pop:popover-open");

// `toggle` does not bubble.
document.addEventListener("toggle", ({ target, newState }) => {
  const pop = menu(target);
  const button = pop && document.querySelector(`[popovertarget="${pop.id}"]`);
  if (!button || newState !== "open") return;
  place(pop, button);
  items(pop)[0]?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const pop = event.target.closest?.(".pop:popover-open");
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[event.key];
  if (!pop || !step) return;
  event.preventDefault();
  const all = items(pop);
  all[(all.findIndex((item) => item === document.activeElement) + step + all.length) % all.length]?.focus();
});

document.addEventListener("scroll", () => {
  const pop = opened();
  if (pop && moved(pop)) pop.hidePopover();
}, { capture: true, passive: true });
addEventListener("resize", () => opened()?.hidePopover());

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const pop = target.closest?.(".pop:popover-open");
  if (pop && relatedTarget && !pop.contains(/** @type {Node} */ (relatedTarget))) pop.hidePopover();
});

/** @param {HTMLElement} pop */
function items(pop) {
  return [...pop.querySelectorAll("a[href], button:not([hidden])")].filter((item) => item.offsetParent);
}
