// @ts-check
// The viewer's own names for people, wherever a person is named.
import { ask } from "./http.js";
import { json, namesSource } from "./page.js";

/** @type {Record<string, string>} */
let names = json("names", {});
let complete = false;

/**
 * What this viewer calls the person, or undefined when they have no name of their own for them.
 * @param {number | string | undefined} id
 */
export function nameOf(id) {
  return names[id ?? ""] || undefined;
}

/**
 * Put the viewer's names into all `[data-person]` below `root`.
 * @param {ParentNode} root
 */
export function applyNames(root) {
  for (const element of root.querySelectorAll("[data-person]")) {
    element.dataset.ownName ??= element.textContent;
    const name = nameOf(element.dataset.person) ?? element.dataset.ownName;
    if (element.textContent !== name) element.textContent = name;
  }
}

/** Fetch the names again and show them everywhere. */
export async function refreshNames() {
  const answer = await ask(namesSource, { accept: "application/json" });
  names = await answer.json();
  complete = true;
  applyNames(document);
  document.dispatchEvent(new CustomEvent("wb:names"));
}

/** Notices can name anyone: have all names, not only those of the open room. */
export async function completeNames() {
  if (!complete && namesSource) await refreshNames();
}
