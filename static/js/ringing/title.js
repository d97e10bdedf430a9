// @ts-check
// The title of the page says who calls, by turns with its own.
const EVERY = 1_000;
let own = "";
let shown = "";
let timer = 0;

/**
 * Flash `words` until `restore()`.
 * @param {string} words
 */
export function flash(words) {
  if (!timer) {
    own = document.title;
    timer = setInterval(turn, EVERY);
  }
  shown = document.title = words;
}

export function restore() {
  if (!timer) return;
  clearInterval(timer);
  timer = 0;
  document.title = own;
}

function turn() {
  document.title = document.title === shown ? own : shown;
}
