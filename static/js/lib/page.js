// @ts-check
// What the server said about this page and its viewer.
const data = document.body.dataset;

export const member = Number(data.member) || 0;
export const company = data.company || "";
export const language = data.language || "en";
export const timeZone = data.timeZone || undefined;
export const namesSource = data.namesSrc || "";
// How far the server's clock is ahead of this device's, in milliseconds; what the page took to come counts as that.
const { now } = document.querySelector("[data-now]")?.dataset ?? {};
export const serverAhead = now ? Date.parse(now) - Date.now() : 0;
export const home = data.home || "/";
export const loginPath = data.login || "/accounts/login/";

/**
 * The JSON that the page carries in the script element `id`, or `fallback`.
 * @template T
 * @param {string} id
 * @param {T} fallback
 * @returns {T}
 */
export function json(id, fallback) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : fallback;
}

/**
 * A text of the page's language, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export function text(key, values = {}) {
  const found = [.../** @type {NodeListOf<HTMLTemplateElement>} */ (document.querySelectorAll("template[data-texts]"))]
    .map(({ content }) => content.querySelector(`[data-text="${key}"]`))
    .find(Boolean);
  return (found?.textContent ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
