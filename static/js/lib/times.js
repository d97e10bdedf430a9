// @ts-check
// Pushes are rendered once for all viewers; each page shows times in its own viewer's zone and language.
import { language, text, timeZone } from "./page.js";

// English as most of the world writes dates: the day before the month.
const locale = language === "en" ? "en-GB" : language;
const zone = isKnown(timeZone) ? timeZone : undefined;
/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const longDay = withWeekday({ day: "numeric", month: "long" });
const longYear = withWeekday({ day: "numeric", month: "long", year: "numeric" });
const shortDay = format({ day: "numeric", month: "short" });
const shortYear = format({ day: "numeric", month: "short", year: "numeric" });
const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });

/**
 * A day with its weekday. In English always with a comma, as the server writes it; browsers differ about it.
 * @param {Intl.DateTimeFormatOptions} options
 */
function withWeekday(options) {
  if (language !== "en") return format({ weekday: "long", ...options });
  const [weekday, day] = [format({ weekday: "long" }), format(options)];
  return { format: (/** @type {Date} */ date) => `${weekday.format(date)}, ${day.format(date)}` };
}

// How often a page looks whether another day has begun, in milliseconds.
const LOOK = 20_000;

/**
 * Whether this browser can tell the time there: zones are younger than browsers. Else it is shown in the device's own.
 * @param {string | undefined} name
 */
function isKnown(name) {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/**
 * The day of a moment in the viewer's zone, as 2026-11-20.
 * @param {Date} date
 */
export function dayOf(date) {
  return isoDay.format(date);
}

/**
 * The minute of a moment, for telling whether two messages belong to the same one.
 * @param {Date} date
 */
export function minuteOf(date) {
  return Math.floor(date.getTime() / 60_000);
}

/**
 * A date as the divider between the messages of two days.
 * @param {Date} date
 */
export function dateText(date) {
  return (sameYear(date) ? longDay : longYear).format(date);
}

/** @param {Date} date */
function sameYear(date) {
  return dayOf(date).slice(0, 4) === dayOf(new Date()).slice(0, 4);
}

/**
 * By the calendar: where clocks are changed, a day has 23 or 25 hours.
 * @param {string} day
 */
function dayBefore(day) {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}

/** @param {Date} date */
function listText(date) {
  const day = dayOf(date);
  if (day === dayOf(new Date())) return clock.format(date);
  if (day === dayBefore(dayOf(new Date()))) return text("yesterday");
  return (sameYear(date) ? shortDay : shortYear).format(date);
}

/** @type {Record<string, (date: Date) => string>} */
const formats = {
  time: (date) => clock.format(date),
  date: dateText,
  list: listText,
  datetime: (date) => `${listText(date)}${dayOf(date) === dayOf(new Date()) ? "" : ` ${clock.format(date)}`}`,
};

/**
 * Write all `time[data-format]` below `root` in the viewer's zone.
 * @param {ParentNode} root
 */
export function applyTimes(root) {
  /** @type {NodeListOf<HTMLTimeElement>} */
  const times = root.querySelectorAll("time[data-format]");
  for (const element of times) {
    const date = new Date(element.dateTime);
    const write = formats[element.dataset.format ?? ""];
    if (!write || Number.isNaN(date.getTime())) continue;
    const shown = write(date);
    if (element.textContent !== shown) element.textContent = shown;
    if (!element.title) element.title = `${longYear.format(date)} ${clock.format(date)}`;
  }
}

/** Write all times of the page anew when a day begins: what was "23:57" is of yesterday then. */
export function followDays() {
  let day = dayOf(new Date());
  const look = () => {
    const now = dayOf(new Date());
    if (now === day) return;
    day = now;
    applyTimes(document);
  };
  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", look);
}
