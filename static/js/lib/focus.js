// @ts-check
const touch = matchMedia("(pointer: coarse)");

/**
 * To what must be mended, else to what the page says or the first field; on a touch screen no keyboard may cover the
 * rest.
 * @param {ParentNode} root
 */
export function focusFirst(root) {
  const wrong = root.querySelector("[aria-invalid=true]");
  const field = touch.matches ? null : root.querySelector("input:is([type=search], [type=text], [type=email])");
  const heading = root.querySelector("h2");
  if (heading && !heading.hasAttribute("tabindex")) heading.tabIndex = -1;
  (wrong ?? root.querySelector("[autofocus]") ?? field ?? heading)?.focus();
}
