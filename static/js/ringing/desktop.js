// @ts-check
// Notifications of the desktop for calls that ring while the page is not visible.
import { text } from "../lib/page.js";
import { toast } from "../elements/wb-notices.js";

/** @typedef {{ id: string, title: string, body: string, go: () => void }} RingNote */

/** @type {Map<string, Notification>} */
const shown = new Map();

/**
 * Show those of `rings` ({id, title, body, go}) that are not shown yet, and take away the others.
 * @param {RingNote[]} rings
 */
export function notify(rings) {
  const ids = new Set(rings.map(({ id }) => id));
  for (const [id, note] of shown) {
    if (ids.has(id)) continue;
    note.close();
    shown.delete(id);
  }
  if (globalThis.Notification?.permission !== "granted") return;
  for (const ring of rings) if (!shown.has(ring.id)) show(ring);
}

/** @param {RingNote} ring */
function show({ id, title, body, go }) {
  try {
    // All pages use the same tag, so that they share one notification.
    const note = new Notification(title, { body, tag: `worksbridge-ring-${id}`, icon: icon(), requireInteraction: true });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
      go();
    });
    shown.set(id, note);
  } catch {
    // Phones show notifications only through a service worker.
  }
}

function icon() {
  /** @type {HTMLLinkElement | null} */
  const link = document.querySelector('link[rel="apple-touch-icon"]');
  return link?.href;
}

const button = document.querySelector("[data-ask-desktop]");
const touch = matchMedia("(pointer: coarse)");
if (button && !touch.matches && globalThis.Notification?.permission === "default") {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const answer = await Notification.requestPermission();
    button.hidden = answer !== "default";
    if (answer === "denied") toast(text("desktop_denied"));
  });
}
