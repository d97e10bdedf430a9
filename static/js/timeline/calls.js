// @ts-check
// Lines about calls: a sign for how the call went, and a link to call again while the room can be called.
import { element, icon } from "../lib/html.js";
import { member, text } from "../lib/page.js";

const MISSED = new Set(["no_answer", "cancelled", "busy"]);
const NO_MORE = new Set(["not_allowed"]);

/**
 * Dress the lines of calls among `messages` that are not dressed yet; `direct` tells whether two people talk here.
 * @param {HTMLElement[]} messages
 * @param {boolean} direct
 */
export function dressCalls(messages, direct) {
  /** @type {HTMLElement | null} */
  let last = null;
  for (const message of messages) {
    const line = message.classList.contains("line") && message.querySelector(".call-line");
    if (!line) continue;
    if (!line.querySelector(".call-line__sign")) dress(line, direct);
    last?.classList.remove("call-line--last");
    last = line;
  }
  last?.classList.add("call-line--last");
}

/**
 * @param {HTMLElement} line
 * @param {boolean} direct
 */
function dress(line, direct) {
  const { kind, outcome, caller } = line.dataset;
  const mine = Number(caller) === member;
  const missed = direct && !mine && MISSED.has(outcome ?? "");
  line.classList.toggle("call-line--missed", missed);
  const sign = icon(signOf({ kind, direct, missed, mine }));
  sign.classList.add("call-line__sign");
  line.prepend(sign);
  if (!direct || NO_MORE.has(outcome ?? "")) return;
  const again = link(kind, missed || !mine ? "call_back" : "call_again");
  if (again) line.append(" ", again);
}

/** @param {{ kind?: string, direct: boolean, missed: boolean, mine: boolean }} call */
function signOf({ kind, direct, missed, mine }) {
  if (missed) return "phone-missed";
  if (kind === "video") return "video";
  if (!direct) return "phone";
  return mine ? "phone-outgoing" : "phone-incoming";
}

/**
 * The header has the addresses; while it offers no call, the style sheet hides what was made earlier.
 * @param {string | undefined} kind
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
