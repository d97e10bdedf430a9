// Later messages, where the page shows a stretch from the middle: they come when the reader nears the bottom.
import { ask } from "../lib/http.js";
import { fragment } from "../lib/html.js";
import { lastSeq } from "./order.js";

export class Newer {
  #running = false;
  #watch;

  /**
   * `merge(change)` puts the messages in, `merged(rev)` says from which revision they are, and `joined()` that they
   * reach the end.
   */
  constructor(log, { address, merge, merged, joined }) {
    Object.assign(this, { log, address, merge, merged, joined });
    this.#watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.load(), {
      root: log,
      rootMargin: "0px 0px 300px",
    });
    log.addEventListener("click", (event) => this.#click(event));
    this.watch();
  }

  stop() {
    this.#watch.disconnect();
  }

  /** Look out for the link that says there is more. */
  watch() {
    this.#watch.disconnect();
    const link = this.#link();
    if (link) this.#watch.observe(link);
  }

  #link() {
    return this.log.querySelector(":scope > [data-newer]");
  }

  #click(event) {
    if (!event.target.closest?.("[data-newer]")) return;
    event.preventDefault();
    this.load();
  }

  async load() {
    const last = lastSeq(this.log);
    if (this.#running || !last || !this.#link()) return;
    this.#running = true;
    this.log.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(`${this.address}?after=${last}`);
      this.#append(fragment(await answer.text()), last, Number(answer.headers.get("X-Room-Rev")));
    } catch {
      // The link stays: the next scroll or press tries again.
    } finally {
      this.log.removeAttribute("aria-busy");
      this.#running = false;
    }
  }

  #append(content, last, rev) {
    // Meanwhile the log may have been replaced by its end.
    if (!this.#link() || lastSeq(this.log) !== last) return;
    const more = Boolean(content.querySelector("[data-newer]"));
    this.merge(() => {
      this.#link().replaceWith(content);
    });
    if (more) this.watch();
    else this.joined();
    this.merged(rev);
  }
}
