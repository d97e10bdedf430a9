// @ts-check
// What a room leaves on a page when it is open to this member no more: all that shows anything of it goes at once.
// The parts that list rooms ask the server anew by themselves; until its answer is there nothing of the room stays.
import { live } from "./live.js";

live.addEventListener("frame:gone", ({ detail }) => forget(detail.room));
document.addEventListener("wb:room-gone", ({ detail }) => {
  forget(detail.room);
  // The title of the page was the room's name.
  document.title = "WorksBridge";
});

/** @param {number} room */
function forget(room) {
  const shown = `[data-of-room="${room}"], [data-rows] > [data-room="${room}"], .same-room:has(#open-${room})`;
  for (const element of document.querySelectorAll(shown)) (element.closest(".toast") ?? element).remove();
}
