// @ts-check
// System messages: an event without text, and its sentence for this page's reader. The server makes the same sentence
// for whole pages and for the room list (messaging/message/system.py).
import { nameOf } from "./names.js";
import { company, text } from "./page.js";

/** @typedef {{ id: string, name: string, companyId: string, company: string }} Named */
/** @typedef {string | Named} Token */

/**
 * The sentence as plain text, with the names that this reader knows people by.
 * @param {RoomEvent} event
 */
export function sentence(event) {
  return tokens(event)
    .map((token) => (typeof token === "string" ? token : asText(token)))
    .join("");
}

/**
 * Put the sentence into each system message below `root` that has none yet.
 * @param {ParentNode} root
 */
export function applySentences(root) {
  for (const element of root.querySelectorAll("[data-event]")) {
    if (!element.hasChildNodes()) element.append(...tokens(JSON.parse(element.dataset.event ?? "{}")).flatMap(asNodes));
  }
}

/** @param {Named} person */
function asText({ id, name, company: from }) {
  const shown = nameOf(id) ?? name;
  return from ? `${shown} (${from})` : shown;
}

/**
 * @param {Token} token
 * @returns {(Node | string)[]}
 */
function asNodes(token) {
  if (typeof token === "string") return [token];
  const name = isolated("person-name", token.name);
  name.dataset.person = token.id;
  if (!token.company) return [name];
  const badge = isolated("badge badge--ext company-badge", token.company);
  badge.dataset.company = token.companyId;
  return [name, " ", badge];
}

/**
 * A name, which turns nothing around it.
 * @param {string} className
 * @param {string} words
 */
function isolated(className, words) {
  const made = document.createElement("bdi");
  made.className = className;
  made.textContent = words;
  return made;
}

/**
 * @param {RoomEvent} event
 * @returns {Token[]}
 */
function tokens({ event, parts = {}, people = {}, companies = {} }) {
  /** @param {number} id */
  const who = (id) => (people[id] ? [named(id, people[id], companies)] : []);
  return fill(pattern(event, parts), (name) => part(parts[name] ?? {}, who));
}

/**
 * @param {string} event
 * @param {RoomEvent["parts"]} parts
 */
function pattern(event, parts = {}) {
  const counts = Object.values(parts).map(({ people, more = 0 }) => (people ? people.length + more : 0));
  const one = `${event}.one`;
  const found = counts.includes(1) ? text(one) : one;
  return found === one ? text(event) : found;
}

/**
 * The sentence with its fields filled in; every second piece is the name of a field.
 * @param {string} words
 * @param {(name: string) => Token[]} value
 * @returns {Token[]}
 */
function fill(words, value) {
  return words.split(/\{(\w+)\}/).flatMap((piece, index) => (index % 2 ? value(piece) : piece ? [piece] : []));
}

/**
 * @param {EventPart} part
 * @param {(id: number) => Token[]} who
 * @returns {Token[]}
 */
function part({ people, more = 0, seconds, word, text: words = "" }, who) {
  if (people) return list(people.map(who).filter((found) => found.length), more);
  if (seconds !== undefined) return [lengthText(seconds)];
  return [word === undefined ? words : text(word)];
}

/**
 * A person with their name at that time; without the company when it is the reader's own.
 * @param {number} id
 * @param {[string, number | null]} known
 * @param {Record<string, string>} companies
 * @returns {Named}
 */
function named(id, [name, companyId], companies) {
  const own = companyId === null || String(companyId) === company;
  return { id: String(id), name, companyId: String(companyId), company: own ? "" : companies[companyId] ?? "" };
}

/**
 * "A", "A and B", "A, B and C", "A, B, C and 4 others".
 * @param {Token[][]} names
 * @param {number} more
 * @returns {Token[]}
 */
function list(names, more) {
  /** @type {(key: string) => (head: Token[], last: Token[]) => Token[]} */
  const joined = (key) => (head, last) => fill(text(key), (name) => (name === "list" ? head : last));
  if (!names.length) return [];
  if (more) return joined(more > 1 ? "list.more" : "list.more.one")(names.reduce(joined("list.comma")), [String(more)]);
  const last = names[names.length - 1];
  return names.length > 1 ? joined("list.and")(names.slice(0, -1).reduce(joined("list.comma")), last) : last;
}

/**
 * `192` as "3 min 12 s".
 * @param {number} seconds
 */
function lengthText(seconds) {
  const [h, left, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds / 60), seconds % 60];
  if (h) return text("length.hours", { h, min: left });
  return min ? text("length.minutes", { min, s }) : text("length.seconds", { s });
}
