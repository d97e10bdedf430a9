// @ts-check
// How long the call has lasted.
export class Clock {
  #timer = 0;
  #from = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * Count from when the call was answered. How long ago that is says the server: clocks of devices are often wrong.
   * @param {Pick<Snapshot, "lasted">} call
   */
  follow({ lasted }) {
    if (lasted !== null && !this.#timer) this.#start(Date.now() - lasted * 1_000);
  }

  /** The length until now, as text; nothing when it has not begun. */
  get length() {
    return this.#from ? lengthText(Date.now() - this.#from) : "";
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  /** @param {number} from */
  #start(from) {
    this.#from ||= from;
    const tick = () => {
      this.element.textContent = this.length;
    };
    this.element.hidden = false;
    tick();
    this.#timer = setInterval(tick, 1_000);
  }
}

/**
 * Milliseconds as 3:12 or 1:03:12.
 * @param {number} milliseconds
 */
export function lengthText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  /** @param {number} number */
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
