// How long the call has lasted, counted from what the server said.
export class Clock {
  #timer = 0;

  constructor(element) {
    this.element = element;
  }

  /** Show the time since `from` (milliseconds since the epoch, by this page's clock). */
  start(from) {
    if (this.#timer) return;
    const tick = () => {
      this.element.textContent = lengthText(Date.now() - from);
    };
    this.element.hidden = false;
    tick();
    this.#timer = setInterval(tick, 1_000);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
}

/** Milliseconds as 3:12 or 1:03:12. */
export function lengthText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
