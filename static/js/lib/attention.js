// @ts-check
// Whether anybody looks at this page: only what is looked at is read.

/** The page is visible, and it is the one that the person works in. */
export function isLookedAt() {
  return document.visibilityState === "visible" && document.hasFocus();
}
