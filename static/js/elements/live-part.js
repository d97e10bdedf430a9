// @ts-check
// <live-part name src [select] [room]>: a part of the page that the server can ask to be fetched again.
import { ask, BadAnswer } from "../lib/http.js";
import { fragment } from "../lib/html.js";
import { morphChildren } from "../lib/morph.js";
import { live } from "../live.js";

class LivePart extends HTMLElement {
  #running = false;
  #again = false;
  #stop = new AbortController();

  connectedCallback() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    live.addEventListener("frame:reload", ({ detail }) => this.#asked(detail), { signal });
    this.addEventListener("refetch", () => this.refetch(), { signal });
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** @param {Frames["reload"]} frame */
  #asked({ parts = [], room }) {
    const own = this.getAttribute("room");
    if (!parts.includes(this.getAttribute("name") ?? "")) return;
    if (room && own && Number(own) !== room) return;
    this.refetch();
  }

  /** Fetch and show the part. While one fetch runs, any number of further wishes become one. */
  async refetch() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    do {
      this.#again = false;
      await this.#fetch();
    } while (this.#again && this.isConnected);
    this.#running = false;
  }

  async #fetch() {
    try {
      const response = await ask(this.getAttribute("src") ?? "");
      const html = await response.text();
      if (this.isConnected && !this.#again) this.#show(html);
    } catch (error) {
      // A lost network mends itself with the next connection; a part that is gone says so to its page.
      this.#tell(error instanceof BadAnswer && error.status === 404 ? "wb:part-gone" : "wb:part-failed");
    }
  }

  /** @param {string} html */
  #show(html) {
    const select = this.getAttribute("select");
    let content = fragment(html);
    if (select) {
      const found = content.querySelector(select);
      if (!found) return;
      content = document.createDocumentFragment();
      content.append(found);
    }
    morphChildren(this, content);
    window.htmx?.process(this);
    this.#tell("wb:part");
  }

  /** @param {"wb:part" | "wb:part-gone" | "wb:part-failed"} type */
  #tell(type) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: { name: this.getAttribute("name") } }));
  }
}

customElements.define("live-part", LivePart);

/**
 * Fetch all parts with this name again, as a frame from the server would.
 * @param {string} name
 */
export function refetch(name) {
  /** @type {NodeListOf<LivePartElement>} */
  const parts = document.querySelectorAll(`live-part[name="${name}"]`);
  for (const part of parts) part.refetch?.();
}
