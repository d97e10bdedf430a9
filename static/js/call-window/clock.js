// @ts-check
// How long the call has lasted.
import { serverAhead } from "../lib/page.js";

export class Clock {
  #timer = 0;
  #from = 0;
  #sawItBegin = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * Count from when the call was answered.
   * @param {Pick<Snapshot, "answered_at">} call
   */
  follow({ answered_at: from }) {
    if (!from) this.#sawItBegin = true;
    else if (!this.#timer) this.#start(Date.parse(from));
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
    // What this page saw happen happened just now. Of all else the server's clock says when it was, and this device's
    // own, which is often wrong, only how much time has passed since.
    this.#from ||= this.#sawItBegin ? Date.now() : Math.min(Date.now(), from - serverAhead);
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
