// @ts-check
// Beneath the rooms: messages with the words that were typed. Asked for apart from the rows, which are fetched often.
import { ask, BadAnswer } from "../lib/http.js";
import { need } from "../lib/dom.js";
import { element, fragment } from "../lib/html.js";
import { text } from "../lib/page.js";

export class Hits {
  #asked = "";
  #number = 0;

  /**
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   */
  constructor(list, signal) {
    this.place = need(list, "[data-hits]");
    this.source = this.place.dataset.src ?? "";
    this.place.addEventListener("click", (event) => this.#click(event), { signal });
  }

  /**
   * The page came with what was found for `query`.
   * @param {string} query
   */
  start(query) {
    this.#asked = this.place.childElementCount ? query : "";
  }

  /**
   * Show what is found for `query`, or nothing for none.
   * @param {string} query
   */
  async search(query) {
    if (!query) this.clear();
    if (query === this.#asked) return;
    this.#asked = query;
    const content = await this.#fetch(`${this.source}?q=${encodeURIComponent(query)}`);
    if (content) this.place.replaceChildren(content);
  }

  /** Show nothing; a pending answer is no longer shown. */
  clear() {
    this.#asked = "";
    this.#number += 1;
    this.place.removeAttribute("aria-busy");
    this.place.replaceChildren();
  }

  /** An input method composes: half a syllable is no word to look for. */
  wait() {
    this.clear();
    this.place.append(note("enter_to_search"));
  }

  /** How many messages are shown. */
  get count() {
    return this.place.querySelectorAll("[data-hits-list] > li").length;
  }

  /** @param {Heard<MouseEvent>} event */
  #click(event) {
    // The conversation finds the message by itself; the browser's own way to it is for pages without scripts.
    /** @type {HTMLAnchorElement | null} */
    const hit = event.target.closest("a.hit");
    if (hit) hit.hash = "";
    /** @type {HTMLAnchorElement | null} */
    const link = event.target.closest("[data-hits-more] a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#more(link);
  }

  /** @param {HTMLAnchorElement} link */
  async #more(link) {
    const content = await this.#fetch(this.source + link.search);
    const list = this.place.querySelector("[data-hits-list]");
    if (!content || !list) return;
    const old = this.place.querySelector("[data-hits-more]");
    const items = [...(content.querySelector("[data-hits-list]")?.children ?? [])];
    const trouble = content.querySelector("[role=alert]");
    list.append(...items);
    if (trouble) old?.replaceChildren(trouble, link);
    else old?.replaceWith(...content.querySelectorAll("[data-hits-more]"));
    items[0]?.querySelector("a")?.focus({ preventScroll: true });
  }

  /**
   * The newest question counts. A limit that was reached says so in its answer.
   * @param {string} address
   */
  async #fetch(address) {
    const number = (this.#number += 1);
    this.place.setAttribute("aria-busy", "true");
    const content = await answered(address);
    if (number !== this.#number) return null;
    this.place.removeAttribute("aria-busy");
    if (content.querySelector("[role=alert]")) this.#asked = "";
    return content;
  }
}

/**
 * @param {string} address
 * @returns {Promise<DocumentFragment>}
 */
async function answered(address) {
  try {
    return fragment(await (await ask(address)).text());
  } catch (error) {
    if (error instanceof BadAnswer && error.status === 429) return fragment(await error.response.text());
    const content = document.createDocumentFragment();
    const trouble = note("load_failed");
    trouble.setAttribute("role", "alert");
    content.append(trouble);
    return content;
  }
}

/** @param {string} key */
function note(key) {
  return element("p", { className: "found__note" }, text(key));
}
