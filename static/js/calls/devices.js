// Which microphone, camera and speaker are used: what was chosen is remembered in this browser.
import { load, save } from "../lib/storage.js";

const KINDS = ["audioinput", "videoinput", "audiooutput"];

/** The id of the chosen device of a kind, or undefined for the browser's own choice. */
export function chosen(kind) {
  return load(`device.${kind}`) || undefined;
}

export function choose(kind, id) {
  save(`device.${kind}`, id);
}

/** What there is of each kind, named where the browser tells. Before a permission nothing has a name. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return Object.fromEntries(KINDS.map((kind) => [kind, all.filter((one) => one.kind === kind && one.deviceId)]));
}

/** Call `action` whenever something is plugged in or out, until `signal` aborts. */
export function whenChanged(action, signal) {
  navigator.mediaDevices?.addEventListener?.("devicechange", action, { signal });
}

export const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

/** Play `element` on the chosen speaker, or on the usual one when that is gone. */
export async function playOnChosen(element) {
  if (!canChooseSpeaker) return;
  try {
    await element.setSinkId(chosen("audiooutput") ?? "");
  } catch {
    await element.setSinkId("").catch(() => {});
  }
}
