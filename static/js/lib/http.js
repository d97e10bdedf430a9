// @ts-check
import { loginPath } from "./page.js";

/** The session is over: what was asked for needs a sign-in. */
export class SignedOut extends Error {}

/** The server answered with an error status. */
export class BadAnswer extends Error {
  /** @param {Response} response */
  constructor(response) {
    super(`HTTP ${response.status}`);
    this.status = response.status;
    this.response = response;
  }
}

/**
 * Ask over HTTP. Returns the Response; throws SignedOut, BadAnswer, or TypeError when the network fails.
 * @param {string} address
 * @param {Omit<RequestInit, "headers"> & { accept?: string, headers?: Record<string, string> }} [options]
 */
export async function ask(address, { accept = "text/html", ...options } = {}) {
  const response = await fetch(address, {
    credentials: "same-origin",
    cache: "no-store",
    ...options,
    headers: { Accept: accept, "X-Requested-With": "fetch", ...options.headers },
  });
  const ended = response.redirected && new URL(response.url).pathname === loginPath;
  if (ended || response.status === 401) {
    document.dispatchEvent(new CustomEvent("wb:signed-out"));
    throw new SignedOut();
  }
  if (!response.ok) throw new BadAnswer(response);
  return response;
}

/**
 * Send fields as a form would, and have JSON back. Throws what `ask` throws.
 * @param {string} address
 * @param {Record<string, string>} fields
 */
export function post(address, fields = {}) {
  const body = new URLSearchParams(fields);
  return ask(address, { method: "POST", accept: "application/json", body, headers: { "X-CSRFToken": csrfToken() } });
}

/** The token that Django wants with every change. */
export function csrfToken() {
  /** @type {HTMLInputElement | null} */
  const input = document.querySelector('input[name="csrfmiddlewaretoken"]');
  return input?.value ?? "";
}
