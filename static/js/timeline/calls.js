// @ts-check
// System messages about calls: a sign for how the call went, and a link to call again while the room can be called.
import { element, icon } from "../lib/html.js";
import { member, text } from "../lib/page.js";

const MISSED = new Set(["no_answer", "cancelled", "busy"]);
const NO_MORE = new Set(["not_allowed"]);
/** @typedef {NonNullable<RoomEvent["call"]>} Call */

/** @type {WeakMap<HTMLElement, HTMLElement | null>} */
const lines = new WeakMap();

/**
 * Dress the system messages about calls among `messages`; `direct` tells whether two people talk here.
 * @param {HTMLElement[]} messages
 * @param {boolean} direct
 */
export function dressCalls(messages, direct) {
  /** @type {HTMLElement | null} */
  let last = null;
  for (const message of messages) {
    const line = lineIn(message, direct);
    if (!line) continue;
    last?.classList.remove("call-line--last");
    last = line;
  }
  last?.classList.add("call-line--last");
}

/**
 * What is dressed of a message about a call; null for any other message.
 * @param {HTMLElement} message
 * @param {boolean} direct
 */
function lineIn(message, direct) {
  const known = lines.get(message);
  if (known !== undefined) return known;
  /** @type {RoomEvent} */
  const { call } = JSON.parse(message.dataset.event ?? "{}");
  const made = call ? dressed(message, call, direct) : null;
  lines.set(message, made);
  return made;
}

/**
 * @param {HTMLElement} message
 * @param {Call} call
 * @param {boolean} direct
 */
function dressed(message, { kind, outcome, caller }, direct) {
  const line = element("span", { className: "call-line" }, ...message.childNodes);
  message.append(line);
  const mine = caller === member;
  const missed = direct && !mine && MISSED.has(outcome);
  line.classList.toggle("call-line--missed", missed);
  const sign = icon(signOf({ kind, direct, missed, mine }));
  sign.classList.add("call-line__sign");
  line.prepend(sign);
  const again = direct && !NO_MORE.has(outcome) ? link(kind, missed || !mine ? "call_back" : "call_again") : null;
  if (again) line.append(" ", again);
  return line;
}

/** @param {{ kind: string, direct: boolean, missed: boolean, mine: boolean }} call */
function signOf({ kind, direct, missed, mine }) {
  if (missed) return "phone-missed";
  if (kind === "video") return "video";
  if (!direct) return "phone";
  return mine ? "phone-outgoing" : "phone-incoming";
}

/**
 * The header has the addresses; while it offers no call, the style sheet hides what was made earlier.
 * @param {string} kind
 * @param {string} words
 */
function link(kind, words) {
  /** @type {HTMLAnchorElement | null} */
  const like = document.querySelector(`a[data-call-kind="${kind}"]`);
  if (!like) return null;
  const made = element("a", { className: "call-line__again", href: like.href, target: "_blank" }, text(words));
  made.dataset.callWindow = like.dataset.callWindow;
  return made;
}
