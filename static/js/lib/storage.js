// @ts-check
// localStorage that may be full, forbidden or hold rubbish: then the page goes on without it.
import { member } from "./page.js";

const prefix = `wb.${member}.`;

/**
 * What was saved under `key`, whatever it is; null when there is nothing.
 * @param {string} key
 * @returns {any}
 */
export function load(key) {
  try {
    return parse(localStorage.getItem(prefix + key));
  } catch {
    return null;
  }
}

/** @param {string | null} stored */
function parse(stored) {
  try {
    return JSON.parse(stored ?? "null");
  } catch {
    return null;
  }
}

/**
 * Hear when another page of this browser changes what is kept under `key`: what was there before, and what is now.
 * @param {string} key
 * @param {(before: any, now: any) => void} changed
 * @param {AbortSignal} signal
 */
export function follow(key, changed, signal) {
  const heard = (/** @type {StorageEvent} */ event) => {
    if (event.key === prefix + key) changed(parse(event.oldValue), parse(event.newValue));
  };
  window.addEventListener("storage", heard, { signal });
}

/**
 * @param {string} key
 * @param {unknown} value
 */
export function save(key, value) {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} key */
export function forget(key) {
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // Nothing was kept then.
  }
}

/**
 * What this member's keys that begin with `start` hold.
 * @param {string} start
 * @returns {any[]}
 */
export function loadAll(start) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix + start));
    return keys.map((key) => load(key.slice(prefix.length))).filter(Boolean);
  } catch {
    return [];
  }
}
