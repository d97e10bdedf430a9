// @ts-check
// Where the reader is: at the bottom the log follows, elsewhere nothing moves under them.
const NEAR = 48;

export class Scroll {
  /** Whether the end of the log is the end of the conversation, which is followed. */
  live = true;
  #follow = true;
  #watch;
  #top;

  /**
   * @param {HTMLElement} log
   * @param {() => void} onMove
   */
  constructor(log, onMove) {
    this.log = log;
    this.#top = this.#edge();
    this.#watch = new ResizeObserver(() => this.#resized());
    this.#watch.observe(log);
    log.addEventListener("scroll", () => {
      this.#follow = this.atBottom;
      onMove();
    }, { passive: true });
  }

  stop() {
    this.#watch.disconnect();
  }

  // What comes and goes above the log must not push along what is being read.
  #resized() {
    const top = this.#edge();
    if (this.live && this.#follow) this.toBottom();
    else this.log.scrollTop += top - this.#top;
    this.#top = top;
  }

  #edge() {
    return this.log.getBoundingClientRect().top;
  }

  get atBottom() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  /** The number of the last message that is in view as a whole, or fills it; 0 when there is none. */
  get lastInView() {
    const { top, bottom } = this.log.getBoundingClientRect();
    const all = this.log.querySelectorAll(":scope > [data-seq]");
    const isIn = (/** @type {Element} */ message) => {
      const box = message.getBoundingClientRect();
      return box.bottom <= bottom || box.top < (top + bottom) / 2;
    };
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isIn(all[middle])) low = middle + 1;
      else high = middle;
    }
    return low ? Number(all[low - 1].getAttribute("data-seq")) : 0;
  }

  toBottom() {
    this.#follow = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Show the divider near the top, when there is more unread than fits; else the end. */
  toDivider() {
    this.toBottom();
    const line = this.log.querySelector(".new-line");
    if (!line) return;
    const above = line.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    if (above < 0) this.log.scrollTop += above - this.log.clientHeight / 5;
    this.#follow = this.atBottom;
  }

  /**
   * Show one message in the middle.
   * @param {Element} message
   */
  toMessage(message) {
    const { top, height } = message.getBoundingClientRect();
    const above = Math.max(0, (this.log.clientHeight - height) / 2);
    this.log.scrollTop += top - this.#edge() - above;
    this.#follow = this.atBottom;
  }

  /**
   * Run `change`; afterwards what the reader sees is where it was, or the end when they were there.
   * @template T
   * @param {() => T} change
   * @returns {T}
   */
  keep(change) {
    const bottom = this.live && this.#follow && this.atBottom;
    const anchor = bottom ? null : this.#anchor();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const result = change();
    if (bottom) this.toBottom();
    else if (anchor?.isConnected) this.log.scrollTop += anchor.getBoundingClientRect().top - before;
    return result;
  }

  // The first message that reaches into view; by halves, as there may be many.
  #anchor() {
    const all = this.log.querySelectorAll(":scope > [data-seq]");
    const top = this.log.getBoundingClientRect().top;
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    return all[low] ?? null;
  }
}
