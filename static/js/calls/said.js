// What the window says: how the call stands, which stays, and what just failed, which is there for a while.
const READ = 8_000;

export class Said {
  #timer = 0;

  constructor({ status, fault }) {
    Object.assign(this, { status, fault });
  }

  /** How it stands now; nothing when there is nothing to say. */
  now(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
    this.status.hidden = !sentence;
  }

  /** What failed, and what to do. */
  failed(sentence) {
    clearTimeout(this.#timer);
    this.fault.textContent = sentence;
    this.fault.hidden = !sentence;
    this.#timer = setTimeout(() => this.failed(""), READ);
  }
}
