// @ts-check
// Forms and htmx: the token with every change, the viewer's names in what comes back, nothing sent twice.
import { csrfToken } from "./lib/http.js";
import { personalise } from "./lib/html.js";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] ??= csrfToken();
});

document.addEventListener("htmx:load", ({ detail }) => personalise(detail.elt.parentNode ?? detail.elt));

// Refused forms come back with their reasons; htmx would throw such an answer away.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const html = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  if (html && [400, 403, 404, 409, 422, 429].includes(detail.xhr.status)) detail.shouldSwap = true;
});

// A second press on the same button within a moment is the same press.
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 3_000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
