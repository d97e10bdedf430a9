// @ts-check
// Reload everything about calls on each connection: pushes in between may have been missed.
import { refetch } from "../elements/live-part.js";
import { live } from "../live.js";

let first = true;

live.addEventListener("open", () => {
  refetch("ringing");
  refetch("room-call");
  // The Calls page came with its rows.
  if (!first) refetch("calls");
  first = false;
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  refetch("room-call");
  refetch("calls");
});
