// @ts-check
// How the member keeps a room (form[data-settings]): sent without leaving the page. The server tells every page of
// theirs what changed.
import { ask } from "./lib/http.js";
import { element } from "./lib/html.js";
import { home, text } from "./lib/page.js";
import { refetch } from "./elements/live-part.js";
import { toast } from "./elements/wb-notices.js";
import { live } from "./live.js";

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("form[data-settings]")) return;
  event.preventDefault();
  send(form, /** @type {HTMLButtonElement} */ (event.submitter));
});

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
async function send(form, button) {
  const body = new FormData(form, button);
  form.closest("[popover]")?.hidePopover();
  try {
    await ask(form.action, { method: "POST", body, accept: "application/json" });
    if (leaves(form, button)) location.assign(home);
    else if (!live.connected) refetchAll();
  } catch {
    toast(element("p", { role: "alert" }, text("not_changed")));
  }
}

/**
 * Hiding the open room, or marking it unread, goes back to the list.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
function leaves(form, button) {
  const open = document.querySelector("wb-timeline, wb-details[data-page]")?.dataset.room;
  const room = form.dataset.of ?? open;
  return "leaves" in form.dataset && button.value === "1" && room === open;
}

function refetchAll() {
  refetch("list");
  refetch("room");
}
