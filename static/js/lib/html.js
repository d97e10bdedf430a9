// @ts-check
import { applyNames } from "./names.js";
import { company } from "./page.js";
import { applySentences } from "./system.js";
import { applyTimes } from "./times.js";

/**
 * Server HTML as nodes, made this viewer's own: their language, their names, their times, no badge for their company.
 * @param {string} html
 */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const content = document.importNode(template.content, true);
  personalise(content);
  return content;
}

/**
 * The same for nodes that are already there.
 * @param {ParentNode} root
 */
export function personalise(root) {
  applySentences(root);
  if (company) {
    for (const badge of root.querySelectorAll(`.company-badge[data-company="${company}"]`)) without(badge);
  }
  applyNames(root);
  applyTimes(root);
}

/**
 * With the space before it, which would otherwise precede a colon or a full stop.
 * @param {Element} badge
 */
function without(badge) {
  const before = badge.previousSibling;
  if (before instanceof Text && !before.data.trim()) before.remove();
  badge.remove();
}

/**
 * A new element with properties, and children that are nodes or text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Omit<Partial<HTMLElementTagNameMap[K]>, "dataset"> & { dataset?: Record<string, string> }} properties
 * @param {...(Node | string)} children
 */
export function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  const { dataset = {}, ...rest } = properties;
  Object.assign(made, rest);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/**
 * An icon of the sprite.
 * @param {string} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${new URL("../../vendor/lucide.svg", import.meta.url).pathname}#${name}`);
  svg.append(use);
  return svg;
}
