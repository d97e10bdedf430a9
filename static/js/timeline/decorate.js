// @ts-check
// What depends on the viewer or on the neighbours: own messages, runs of one author, days, the minute's last time.
import { element } from "../lib/html.js";
import { member, text } from "../lib/page.js";
import { dateText, dayOf, minuteOf } from "../lib/times.js";
import { dressCalls } from "./calls.js";

const RUN = 5 * 60_000;
/** @typedef {{ author: number, time: number, day: string, minute: number, date: Date }} Facts */

/** @type {WeakMap<HTMLElement, Facts>} */
const facts = new WeakMap();

/**
 * @param {HTMLElement} message
 * @returns {Facts}
 */
function factsOf(message) {
  const known = facts.get(message);
  if (known) return known;
  const date = new Date(message.dataset.at ?? "");
  const author = Number(message.dataset.author) || 0;
  const made = { author, time: date.getTime(), day: dayOf(date), minute: minuteOf(date), date };
  facts.set(message, made);
  return made;
}

/**
 * Bring classes, date lines and the divider up to date with the messages that are there.
 * @param {Element} log
 * @param {number | null} newAfter
 */
export function decorate(log, newAfter) {
  const messages = [...log.querySelectorAll(":scope > [data-seq]")];
  days(log, messages);
  divider(log, messages, newAfter);
  messages.forEach((message, index) => classes(message, messages[index - 1], messages[index + 1]));
  dressCalls(messages, log.closest("[data-direct]") !== null);
}

/**
 * @param {HTMLElement} message
 * @param {HTMLElement | undefined} before
 * @param {HTMLElement | undefined} after
 */
function classes(message, before, after) {
  const own = factsOf(message);
  if (!own.author) return;
  set(message, "mine", own.author === member);
  set(message, "message--run", before !== undefined && runs(factsOf(before), own) && adjoins(before, message));
  const next = after && factsOf(after);
  const quiet = after && next && runs(own, next) && next.minute === own.minute && adjoins(message, after);
  set(message, "message--quiet", Boolean(quiet));
}

/**
 * @param {HTMLElement} message
 * @param {string} name
 * @param {boolean} on
 */
function set(message, name, on) {
  if (message.classList.contains(name) !== on) message.classList.toggle(name, on);
}

/**
 * @param {Facts} a
 * @param {Facts} b
 */
function runs(a, b) {
  return a.author !== 0 && a.author === b.author && a.day === b.day && b.time - a.time < RUN;
}

/**
 * A date line or the divider between two messages ends the run.
 * @param {Element} before
 * @param {Element} after
 */
function adjoins(before, after) {
  return before.nextElementSibling === after;
}

/**
 * @param {Element} log
 * @param {HTMLElement[]} messages
 */
function days(log, messages) {
  const right = new Set();
  let day = "";
  for (const message of messages) {
    const own = factsOf(message);
    if (own.day !== day) right.add(dateLine(message, own));
    day = own.day;
  }
  for (const line of log.querySelectorAll(":scope > .date-line")) if (!right.has(line)) line.remove();
}

/**
 * @param {HTMLElement} message
 * @param {Facts} facts
 */
function dateLine(message, { day, date }) {
  let before = /** @type {HTMLElement | null} */ (message.previousElementSibling);
  if (before?.classList.contains("new-line")) before = /** @type {HTMLElement | null} */ (before.previousElementSibling);
  if (before?.classList.contains("date-line") && before.dataset.day === day) return before;
  const made = element("p", { className: "date-line", dataset: { day } });
  made.append(element("time", { dateTime: day }, dateText(date)));
  message.before(made);
  return made;
}

/**
 * @param {Element} log
 * @param {HTMLElement[]} messages
 * @param {number | null} newAfter
 */
function divider(log, messages, newAfter) {
  const first = newAfter === null ? undefined : messages.find((message) => isNew(message, newAfter));
  const old = log.querySelector(":scope > .new-line");
  if (first && old && old.nextElementSibling === first) return;
  old?.remove();
  if (first) first.before(element("p", { className: "new-line" }, element("span", {}, text("new_messages"))));
}

/**
 * @param {HTMLElement} message
 * @param {number} newAfter
 */
function isNew(message, newAfter) {
  const { author } = factsOf(message);
  return author !== 0 && author !== member && Number(message.dataset.seq) > newAfter;
}
