// @ts-check
// a[data-call-window="NAME"]: a call has a window of its own, found again by its name, so that walking about in the
// pages never drops it. Without a script, or where windows are blocked, the link opens a tab.
import { meant } from "./user-intent.js";

const SIZE = "popup,width=1000,height=720";
// The window reports this state when it can be reloaded without losing anything.
const IDLE = new Set(["lobby", "ended"]);
const touch = matchMedia("(pointer: coarse)");

document.addEventListener("click", (event) => {
  /** @type {HTMLAnchorElement | null} */
  const link = event.target.closest?.("a[data-call-window]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  link.closest(".pop[popover]")?.hidePopover();
  meant();
  if (openCall(link.href, `worksbridge-call-${link.dataset.callWindow}`)) event.preventDefault();
});

/**
 * Show the call at `address` in the window `name`. Returns whether there is one; a call that goes on there stays.
 * @param {string} address
 * @param {string} name
 */
export function openCall(address, name) {
  const options = touch.matches ? "" : SIZE;
  // Without an address, window.open does not reload an existing window.
  const found = window.open(opened(name) ? "" : address, name, options);
  if (!found) return false;
  if (opened(name) && !inCall(found)) found.location.replace(address);
  remember(name);
  found.focus();
  return true;
}

/** @param {Window} found */
function inCall(found) {
  try {
    const call = found.document.querySelector("wb-call");
    return call !== null && !IDLE.has(call.dataset.state ?? "");
  } catch {
    // It shows something that is not ours.
    return false;
  }
}

/**
 * What this tab has opened, on this page or on one before.
 * @param {string} name
 */
function opened(name) {
  try {
    return sessionStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}

/** @param {string} name */
function remember(name) {
  try {
    sessionStorage.setItem(name, "1");
  } catch {
    // Where nothing would be lost, a second click reloads the window.
  }
}
