// @ts-check
// What a message looks like until the server has it, and when the server refused it.
import { element, icon } from "../lib/html.js";
import { text } from "../lib/page.js";
import { outbox } from "../outbox.js";
import { pendingOf } from "./order.js";

/**
 * Show an entry of the outbox at the end of the log, or show its new state.
 * @param {Element} log
 * @param {Entry} entry
 */
export function showPending(log, entry) {
  const sent = log.querySelector(`:scope > [data-client="${entry.client_id}"]`);
  if (sent) return null;
  const made = bubble(entry);
  const old = pendingOf(log, entry.client_id);
  if (old) old.replaceWith(made);
  else log.append(made);
  return made;
}

/**
 * Show the messages waiting for this room, in order, without those stored in the meantime.
 * @param {Element} log
 * @param {Entry[]} entries
 */
export function showAllPending(log, entries) {
  const waiting = new Set(entries.map((entry) => entry.client_id));
  for (const old of log.querySelectorAll(":scope > [data-pending]")) {
    if (!waiting.has(old.dataset.pending ?? "")) old.remove();
  }
  for (const entry of entries) showPending(log, entry);
}

/**
 * @param {Element} log
 * @param {Entry} entry
 */
export function removePending(log, entry) {
  pendingOf(log, entry.client_id)?.remove();
}

/** @param {Entry} entry */
function bubble(entry) {
  const words = element("div", { className: "bubble prose prose--plain" }, entry.body);
  const said = element("div", { className: "message__said" }, words);
  const className = `message mine ${entry.error ? "message--failed" : "message--pending"}`;
  if (entry.error) said.append(failure(entry));
  else said.append(element("p", { className: "message__meta" }, text("sending")));
  return element("article", { className, dataset: { pending: entry.client_id } }, said);
}

/** @param {Entry} entry */
function failure(entry) {
  const again = button("try_again", () => outbox.retry(entry.client_id));
  const discard = button("discard", () => outbox.discard(entry.client_id));
  const why = element("span", {}, `${text("not_sent")} ${entry.error}`);
  return element("p", { className: "message__failure", role: "alert" }, icon("circle-alert"), why, again, discard);
}

/**
 * @param {string} label
 * @param {() => void} action
 */
function button(label, action) {
  const made = element("button", { type: "button", className: "link-btn" }, text(label));
  made.addEventListener("click", action);
  return made;
}
