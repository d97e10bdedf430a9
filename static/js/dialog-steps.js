// @ts-check
// The steps of a dialog (.new), one in the place of the other: where the focus goes, and what is said when no next one comes.
import { focusFirst } from "./lib/focus.js";
import { element } from "./lib/html.js";
import { loginPath, text } from "./lib/page.js";

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.matches(".new") && document.activeElement === document.body) focusFirst(target);
});

// An answer that is not the next step (the room is gone, the session has ended, the server failed) must not empty the dialog.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const step = detail.target.closest(".new");
  if (!step) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  const wanted = detail.requestConfig.elt.closest("[hx-select]")?.getAttribute("hx-select");
  if (detail.shouldSwap && wanted && answer.querySelector(wanted)) return;
  detail.shouldSwap = false;
  if (new URL(detail.xhr.responseURL).pathname === loginPath) document.dispatchEvent(new CustomEvent("wb:signed-out"));
  say(step, answer.querySelector("[data-page=error] .empty__text")?.textContent);
});

document.addEventListener("htmx:sendError", ({ target }) => say(target.closest(".new")));
document.addEventListener("htmx:timeout", ({ target }) => say(target.closest(".new")));

/**
 * @param {Element | null} step
 * @param {string} [sentence]
 */
function say(step, sentence = text("not_done")) {
  const region = step?.querySelector(".refusals");
  region?.replaceChildren(element("p", { className: "field__error" }, sentence));
  region?.scrollIntoView({ block: "nearest" });
}
