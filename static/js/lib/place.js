// @ts-check
// Places a menu below its button, or above where there is no room, always on the screen.
const GAP = 4;
const EDGE = 8;
/** @type {WeakMap<Element, { anchor: Element, top: number }>} */
const places = new WeakMap();

/**
 * Put the open popover beside `anchor`, its end at the anchor's end.
 * @param {HTMLElement} popover
 * @param {Element} anchor
 */
export function place(popover, anchor) {
  const from = anchor.getBoundingClientRect();
  places.set(popover, { anchor, top: from.top });
  const { width, height } = popover.getBoundingClientRect();
  const below = from.bottom + GAP;
  const top = below + height + EDGE <= innerHeight ? below : from.top - GAP - height;
  const left = Math.min(from.right - width, innerWidth - width - EDGE);
  Object.assign(popover.style, {
    margin: "0",
    inset: "auto",
    top: `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`,
    left: `${Math.max(EDGE, left)}px`,
  });
}

/**
 * Whether what the popover was put beside is no longer where it was.
 * @param {HTMLElement} popover
 */
export function moved(popover) {
  const put = places.get(popover);
  return put !== undefined && (!put.anchor.isConnected || Math.abs(put.anchor.getBoundingClientRect().top - put.top) > 1);
}
