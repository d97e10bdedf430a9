// @ts-check
// The messages of one log: each once, by sequence number; unacknowledged ones at the end.
import { fragment } from "../lib/html.js";

/**
 * All acknowledged messages, in order.
 * @param {Element} log
 */
export function shown(log) {
  return log.querySelectorAll(":scope > [data-seq]");
}

/** @param {Element} log */
export function lastSeq(log) {
  const all = shown(log);
  return all.length ? Number(all[all.length - 1].dataset.seq) : 0;
}

/**
 * Put the items of a push, an acknowledgement or a catch-up into the log: newer revisions replace older ones,
 * and a pending message gives way to its acknowledged self. Returns the elements that are new to this page.
 * @param {Element} log
 * @param {Item[]} items
 */
export function put(log, items) {
  /** @type {HTMLElement[]} */
  const fresh = [];
  for (const item of items) {
    const made = put1(log, item);
    if (made) fresh.push(made);
  }
  return fresh;
}

/**
 * @param {Element} log
 * @param {Item} item
 */
function put1(log, { seq, rev, html }) {
  const old = log.querySelector(`:scope > [data-seq="${seq}"]`);
  if (old && Number(old.dataset.rev) >= rev) return null;
  const made = fragment(html).querySelector("[data-seq]");
  if (!made) {
    old?.remove();
    return null;
  }
  const pending = made.dataset.client ? pendingOf(log, made.dataset.client) : null;
  pending?.remove();
  if (old) {
    old.replaceWith(made);
    return null;
  }
  if (isEarlier(log, seq)) return null;
  insert(log, made, seq);
  return pending ? null : made;
}

/**
 * Changed, but among the earlier messages that this page has not fetched: shown now, it would precede a gap.
 * @param {Element} log
 * @param {number} seq
 */
function isEarlier(log, seq) {
  const first = log.querySelector(":scope > [data-seq]");
  return first !== null && seq < Number(first.dataset.seq) && Boolean(log.querySelector(":scope > [data-older]"));
}

/**
 * @param {Element} log
 * @param {HTMLElement} made
 * @param {number} seq
 */
function insert(log, made, seq) {
  const all = shown(log);
  let index = all.length;
  while (index > 0 && Number(all[index - 1].dataset.seq) > seq) index -= 1;
  if (index > 0) all[index - 1].after(made);
  else if (all.length) all[0].before(made);
  else log.insertBefore(made, log.querySelector(":scope > [data-pending]"));
}

/**
 * @param {Element} log
 * @param {string} clientId
 */
export function pendingOf(log, clientId) {
  return log.querySelector(`:scope > [data-pending="${clientId}"]`);
}

/**
 * Take all acknowledged messages out and show those of `html` (a whole timeline) instead.
 * @param {Element} log
 * @param {string} html
 */
export function replaceAll(log, html) {
  for (const old of log.querySelectorAll(":scope > :not([data-pending])")) old.remove();
  log.prepend(fragment(html));
}
