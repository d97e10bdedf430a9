// What depends on the viewer or on the neighbours: own messages, runs of one author, days, the minute's last time.
import { element } from "../lib/html.js";
import { member, text } from "../lib/page.js";
import { dateText, dayOf, minuteOf } from "../lib/times.js";
import { dressCalls } from "./calls.js";

const RUN = 5 * 60_000;
const facts = new WeakMap();

function factsOf(message) {
  if (!facts.has(message)) {
    const date = new Date(message.dataset.at);
    const author = Number(message.dataset.author) || 0;
    facts.set(message, { author, time: date.getTime(), day: dayOf(date), minute: minuteOf(date), date });
  }
  return facts.get(message);
}

/** Bring classes, date lines and the divider up to date with the messages that are there. */
export function decorate(log, newAfter) {
  const messages = [...log.querySelectorAll(":scope > [data-seq]")];
  days(log, messages);
  divider(log, messages, newAfter);
  messages.forEach((message, index) => classes(message, messages[index - 1], messages[index + 1]));
  dressCalls(messages, log.closest("[data-direct]") !== null);
}

function classes(message, before, after) {
  const own = factsOf(message);
  if (!own.author) return;
  set(message, "mine", own.author === member);
  set(message, "message--run", Boolean(before) && runs(factsOf(before), own) && adjoins(before, message));
  const next = after && factsOf(after);
  const quiet = next && runs(own, next) && next.minute === own.minute && adjoins(message, after);
  set(message, "message--quiet", Boolean(quiet));
}

function set(message, name, on) {
  if (message.classList.contains(name) !== on) message.classList.toggle(name, on);
}

function runs(a, b) {
  return a.author !== 0 && a.author === b.author && a.day === b.day && b.time - a.time < RUN;
}

// A date line or the divider between two messages ends the run.
function adjoins(before, after) {
  return before.nextElementSibling === after;
}

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

function dateLine(message, { day, date }) {
  let before = message.previousElementSibling;
  if (before?.classList.contains("new-line")) before = before.previousElementSibling;
  if (before?.classList.contains("date-line") && before.dataset.day === day) return before;
  const made = element("p", { className: "date-line", dataset: { day } });
  made.append(element("time", { dateTime: day }, dateText(date)));
  message.before(made);
  return made;
}

function divider(log, messages, newAfter) {
  const first = newAfter === null ? undefined : messages.find((message) => isNew(message, newAfter));
  const old = log.querySelector(":scope > .new-line");
  if (first && old && old.nextElementSibling === first) return;
  old?.remove();
  if (first) first.before(element("p", { className: "new-line" }, element("span", {}, text("new_messages"))));
}

function isNew(message, newAfter) {
  const { author } = factsOf(message);
  return author !== 0 && author !== member && Number(message.dataset.seq) > newAfter;
}
