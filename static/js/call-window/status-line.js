// @ts-check
// What the window says: how the call stands, which stays, and what just failed, which is there for a while.
const READ = 8_000;

export class Said {
  #timer = 0;

  /** @param {{ status: HTMLElement, fault: HTMLElement }} places */
  constructor({ status, fault }) {
    this.status = status;
    this.fault = fault;
  }

  /**
   * How it stands now; nothing when there is nothing to say.
   * @param {string} sentence
   */
  now(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
    this.status.hidden = !sentence;
  }

  /**
   * What failed, and what to do.
   * @param {string} sentence
   */
  failed(sentence) {
    clearTimeout(this.#timer);
    this.fault.textContent = sentence;
    this.fault.hidden = !sentence;
    this.#timer = setTimeout(() => this.failed(""), READ);
  }
}
