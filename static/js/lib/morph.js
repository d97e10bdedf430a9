// @ts-check
// Makes a part of the page look like newer HTML while the nodes that stay keep focus, scroll place and typed text.

/**
 * Change the children of `target` into those of `fresh`. `data-keep` nodes that both have are left unchanged.
 * @param {Element | DocumentFragment} target
 * @param {Node} fresh
 */
export function morphChildren(target, fresh) {
  let at = target.firstChild;
  for (const node of [...fresh.childNodes]) {
    const match = firstSame(at, node);
    if (!match) {
      target.insertBefore(node, at);
      continue;
    }
    bring(target, match, at);
    morph(match, node);
    at = match.nextSibling;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/**
 * A node that holds the focus must not move: the others go behind it instead.
 * @param {Element | DocumentFragment} target
 * @param {ChildNode} match
 * @param {ChildNode | null} at
 */
function bring(target, match, at) {
  if (!match.contains(document.activeElement)) {
    if (match !== at) target.insertBefore(match, at);
    return;
  }
  for (let before = at; before && before !== match; ) {
    const next = before.nextSibling;
    target.append(before);
    before = next;
  }
}

/**
 * @param {ChildNode | null} from
 * @param {Node} node
 */
function firstSame(from, node) {
  for (let found = from; found; found = found.nextSibling) if (same(found, node)) return found;
  return null;
}

/**
 * @param {Node} a
 * @param {Node} b
 */
function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);
}

/** @param {Node} node */
function key(node) {
  const { dataset, id } = /** @type {Partial<HTMLElement>} */ (node);
  return dataset?.keep || id || "";
}

/**
 * @param {Node} node
 * @param {Node} fresh
 */
function morph(node, fresh) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== fresh.nodeValue) node.nodeValue = fresh.nodeValue;
    return;
  }
  morphElement(/** @type {HTMLElement} */ (node), /** @type {HTMLElement} */ (fresh));
}

/**
 * @param {HTMLElement} node
 * @param {HTMLElement} fresh
 */
function morphElement(node, fresh) {
  if (node.dataset.keep) return;
  copyAttributes(node, fresh);
  morphChildren(node, fresh);
}

/**
 * @param {Element} node
 * @param {Element} fresh
 */
function copyAttributes(node, fresh) {
  for (const { name } of [...node.attributes]) if (!fresh.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
}
