// Earlier messages come when the reader nears the top; the link does the same by hand.
import { ask } from "../lib/http.js";
import { fragment } from "../lib/html.js";

export class Older {
  #running = false;
  #watch;

  /** `merge(change)` puts the messages in, `merged(rev)` says from which revision they are. */
  constructor(log, { address, merge, merged }) {
    Object.assign(this, { log, address, merge, merged });
    this.#watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.load(), {
      root: log,
      rootMargin: "300px 0px 0px",
    });
    log.addEventListener("click", (event) => this.#click(event));
    this.watch();
  }

  stop() {
    this.#watch.disconnect();
  }

  /** Look out for the link that says there is more; call it when the log was replaced. */
  watch() {
    this.#watch.disconnect();
    const link = this.#link();
    if (link) this.#watch.observe(link);
  }

  #link() {
    return this.log.querySelector(":scope > [data-older]");
  }

  #click(event) {
    if (!event.target.closest?.("[data-older]")) return;
    event.preventDefault();
    this.load();
  }

  async load() {
    const first = this.log.querySelector(":scope > [data-seq]");
    if (this.#running || !first || !this.#link()) return;
    this.#running = true;
    this.log.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(`${this.address}?before=${first.dataset.seq}`);
      this.#insert(fragment(await answer.text()), first);
      this.merged(Number(answer.headers.get("X-Room-Rev")));
    } catch {
      // The link stays: the next scroll or press tries again.
    } finally {
      this.log.removeAttribute("aria-busy");
      this.#running = false;
    }
  }

  #insert(content, first) {
    // Meanwhile the log may have been replaced, or filled from another side.
    if (!first.isConnected) return;
    for (const old of content.querySelectorAll("[data-seq]")) {
      if (this.log.querySelector(`:scope > [data-seq="${old.dataset.seq}"]`)) old.remove();
    }
    this.merge(() => {
      this.#link()?.remove();
      this.log.prepend(content);
    });
    this.watch();
  }
}
