// @ts-check
// What failed, as the key of a sentence that says what to do.

/**
 * The key of the sentence for what getUserMedia threw; `what` is "microphone" or "camera".
 * @param {any} error
 * @param {DeviceName} what
 */
export function mediaFault(error, what) {
  if (!navigator.mediaDevices) return "fault_insecure";
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return `fault_${what}_permission`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `fault_${what}_missing`;
    case "NotReadableError":
    case "AbortError":
      return `fault_${what}_busy`;
    default:
      return `fault_${what}_other`;
  }
}

/**
 * Whether a screen was not shared because the person changed their mind.
 * @param {any} error
 */
export function changedMind(error) {
  return ["NotAllowedError", "AbortError"].includes(error?.name);
}
