// @ts-check
// What the call window asks of the server.
import { csrfToken } from "../lib/http.js";
import { loginPath } from "../lib/page.js";

/** @typedef {Record<string, string | number | boolean>} Values */

/** The server's refusal: `code`, and `message`, a sentence for the person. */
export class Refusal extends Error {
  /**
   * @param {{ code?: string, text?: string }} told
   * @param {number} status
   */
  constructor({ code, text }, status) {
    super(text);
    this.code = code;
    this.status = status;
  }
}

/**
 * GET JSON. Throws Refusal, or TypeError when the network fails.
 * @param {string} address
 * @returns {Promise<any>}
 */
export function get(address) {
  return request(address, {});
}

/**
 * POST a form and read JSON, or nothing. Throws the same.
 * @param {string} address
 * @param {Values} values
 * @returns {Promise<any>}
 */
export function post(address, values = {}) {
  return request(address, { method: "POST", body: form(values), headers: { "X-CSRFToken": csrfToken() } });
}

/**
 * POST while the page is being closed: the answer is ignored.
 * @param {string} address
 * @param {Values} values
 */
export function tell(address, values) {
  return navigator.sendBeacon(address, form({ ...values, csrfmiddlewaretoken: csrfToken() }));
}

/**
 * @param {string} address
 * @param {Omit<RequestInit, "headers"> & { headers?: Record<string, string> }} options
 * @returns {Promise<any>}
 */
async function request(address, { headers, ...options }) {
  const answer = await fetch(address, {
    credentials: "same-origin",
    cache: "no-store",
    ...options,
    headers: { Accept: "application/json", ...headers },
  });
  if (answer.redirected && new URL(answer.url).pathname === loginPath) throw new Refusal({ code: "signed_out" }, 401);
  if (answer.status === 204) return null;
  // What is no JSON comes from somewhere in between, and says nothing about the call.
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(told, answer.status);
  return told;
}

/** @param {Values} values */
function form(values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.append(name, String(value));
  return data;
}
