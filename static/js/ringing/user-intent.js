// @ts-check
// A window that calls or answers by itself does so only for a control of ours: a link to the same address, written into a
// message from someone, must not switch on a camera.
import { forget, load, save } from "../lib/storage.js";

const KEY = "call.meant";
const WITHIN = 15_000;

/** A control was used that opens a call window. */
export function meant() {
  save(KEY, Date.now());
}

/** Whether this window was opened by one, just now; asked once. */
export function wasMeant() {
  const at = load(KEY);
  forget(KEY);
  return Number.isFinite(at) && Math.abs(Date.now() - at) < WITHIN;
}
