// @ts-check
// How long a message may be, and what is said when it comes near.
import { withoutEmptyLines } from "../lib/characters.js";
import { text } from "../lib/page.js";

const MOST = 10_000;
const NEAR = 9_500;

/**
 * What the note below the text says; `bad` when it is too long to be sent.
 * @param {string} typed
 */
export function lengthNote(typed) {
  // A text has at least half as many characters as UTF-16 units: mostly there is nothing to count.
  const left = typed.length > NEAR ? MOST - characters(withoutEmptyLines(typed)) : MOST;
  if (left < 0) {
    const numbers = { n: (MOST - left).toLocaleString(), max: MOST.toLocaleString() };
    return { sentence: text("too_long", numbers), bad: true };
  }
  const near = left <= MOST - NEAR;
  return { sentence: near ? text("characters_left", { n: left.toLocaleString() }) : "", bad: false };
}

/** @param {string} value */
function characters(value) {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}
