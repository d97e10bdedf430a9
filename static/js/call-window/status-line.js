// @ts-check
// The window's status line: the state of the call, which stays, and the latest failure, shown for a while.
const READ = 8_000;

export class Said {
  #timer = 0;

  /** @param {{ status: HTMLElement, fault: HTMLElement }} places */
  constructor({ status, fault }) {
    this.status = status;
    this.fault = fault;
  }

  /**
   * The current state; empty when there is nothing to say.
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
