// @ts-check
// Notices: a toast, the count at the bell, and the list when its page is open. Not an element: the region is in base.
import { element, fragment, icon } from "../lib/html.js";
import { completeNames } from "../lib/names.js";
import { text } from "../lib/page.js";
import { live } from "../live.js";

const SHOWN_FOR = 8_000;
const MOST = 4;

live.addEventListener("frame:notice", ({ detail }) => {
  completeNames().catch(() => {}).finally(() => notice(detail));
});

live.addEventListener("frame:unread", ({ detail }) => count(detail.unread));

/** @param {Frames["notice"]} frame */
function notice({ html, unread }) {
  toast(fragment(html));
  count(unread);
  list(html);
}

/**
 * Show `content` (nodes) for some seconds; it stays while it has the pointer or the focus.
 * @param {Node | string} content
 * @param {string} className
 */
export function toast(content, className = "toast") {
  const region = document.getElementById("toasts");
  if (!region) return;
  const close = element("button", { type: "button", className: "icon-btn", ariaLabel: text("dismiss") }, icon("x"));
  const box = element("div", { className }, element("div", { className: "toast__body" }, content), close);
  close.addEventListener("click", () => box.remove());
  region.prepend(box);
  while (region.children.length > MOST) region.lastElementChild?.remove();
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 1_000) : box.remove());
  setTimeout(leave, SHOWN_FOR);
}

/** @param {number | undefined} unread */
function count(unread) {
  const badge = document.querySelector("[data-unread]");
  if (!badge || unread === undefined) return;
  badge.textContent = unread > 99 ? "99+" : String(unread);
  badge.hidden = !unread;
}

/** @param {string} html */
function list(html) {
  const region = document.querySelector("[data-notifications]");
  if (!region) return;
  region.prepend(fragment(html));
  document.querySelector(".page > .empty")?.remove();
}
