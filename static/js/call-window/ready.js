// @ts-check
// Microphone and camera for a call that begins, with as few questions and as little waiting as possible.
import { allowed } from "./devices.js";

/**
 * Open the microphone, and the camera when `video`. Throws Fault for the microphone; `without` hears that of the camera.
 * @param {Media} media
 * @param {boolean} video
 * @param {(fault: Fault) => void} without
 */
export async function ready(media, video, without) {
  const camera = video && !media.status.camera;
  const known = await allowed("camera");
  // One question of the browser for both; what it was that failed is found out one by one.
  if (camera && !media.audio && !known) await media.openBoth();
  if (!media.audio) await media.openMicrophone();
  if (!camera || media.status.camera) return;
  const opening = media.openCamera().catch(without);
  // A camera that may be used comes while the call is joined.
  if (!known) await opening;
}
