// @ts-check
// Which microphone, camera and speaker are used: what was chosen is remembered in this browser.
import { load, save } from "../lib/storage.js";

/**
 * The id of the chosen device of a kind, or undefined for the browser's own choice.
 * @param {DeviceKind} kind
 * @returns {string | undefined}
 */
export function chosen(kind) {
  return load(`device.${kind}`) || undefined;
}

/**
 * @param {DeviceKind} kind
 * @param {string} id
 */
export function choose(kind, id) {
  save(`device.${kind}`, id);
}

/** What there is of each kind; `hidden`: the kinds of which the browser tells nothing before a permission. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  /** @param {DeviceKind} kind */
  const found = (kind) => all.filter((one) => one.kind === kind && one.deviceId);
  const hidden = new Set(all.filter((one) => !one.deviceId).map((one) => one.kind));
  return { audioinput: found("audioinput"), videoinput: found("videoinput"), audiooutput: found("audiooutput"), hidden };
}

/**
 * Whether the browser gives a device (`microphone`, `camera`) without asking the person.
 * @param {DeviceName} name
 */
export async function allowed(name) {
  try {
    return (await navigator.permissions.query({ name })).state === "granted";
  } catch {
    // Not every browser tells.
    return false;
  }
}

/**
 * Call `action` whenever something is plugged in or out, until `signal` aborts.
 * @param {() => void} action
 * @param {AbortSignal} [signal]
 */
export function whenChanged(action, signal) {
  navigator.mediaDevices?.addEventListener?.("devicechange", action, { signal });
}

export const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

/**
 * Play `element` on the chosen speaker, or on the usual one when that is gone.
 * @param {HTMLMediaElement} element
 */
export async function playOnChosen(element) {
  const wanted = chosen("audiooutput") ?? "";
  if (!canChooseSpeaker || element.sinkId === wanted) return;
  try {
    await element.setSinkId(wanted);
  } catch {
    await element.setSinkId("").catch(() => {});
  }
}
