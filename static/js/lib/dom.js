// @ts-check
/**
 * The element below `root` that the page is sure to have; throws when it has not.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {E}
 */
export function need(root, selector) {
  /** @type {E | null} */
  const found = root.querySelector(selector);
  if (!found) throw new Error(`nothing here matches ${selector}`);
  return found;
}
