// @ts-check
// A call has begun in a group room: one toast in the open pages of its members, unless the page shows the room itself.
import { toast } from "../elements/wb-notices.js";
import { fragment } from "../lib/html.js";
import { completeNames } from "../lib/names.js";
import { live } from "../live.js";

live.addEventListener("frame:call_started", ({ detail }) => {
  if (here(detail.room)) return;
  completeNames().catch(() => {}).finally(() => toast(fragment(detail.html)));
});

/**
 * There the bar below the header says it, and stays.
 * @param {number} room
 */
function here(room) {
  return document.visibilityState === "visible" && document.querySelector(`live-part[name="room-call"][room="${room}"]`);
}
