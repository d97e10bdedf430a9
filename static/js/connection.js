// @ts-check
// Says when there is no connection, and when the session is over.
import { refreshNames } from "./lib/names.js";
import { live } from "./live.js";

// Reconnecting within this time is not shown.
const PATIENCE = 2_500;
let timer = 0;

/**
 * @param {string} which
 * @param {boolean} shown
 */
function show(which, shown) {
  const bar = document.querySelector(`[data-connection="${which}"]`);
  if (bar) bar.hidden = !shown;
}

function lost() {
  clearTimeout(timer);
  timer = setTimeout(() => show("offline", true), navigator.onLine ? PATIENCE : 0);
}

function back() {
  clearTimeout(timer);
  show("offline", false);
}

function signedOut() {
  back();
  show("signed-out", true);
}

live.addEventListener("open", back);
live.addEventListener("close", lost);
live.addEventListener("signed-out", signedOut);
document.addEventListener("wb:signed-out", signedOut);
live.addEventListener("frame:reload", ({ detail }) => {
  if (detail.parts?.includes("names")) refreshNames().catch(() => {});
});
