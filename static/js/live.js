// @ts-check
// The socket of this page: connects, comes back after any interruption, and says what arrives as events.
// Events: "open", "close", "signed-out", "frame" (detail: the frame), and one "frame:TYPE" for each type.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const CROWDED_WAIT = 15_000;
const BEAT = 10_000;
const ANSWER_WITHIN = 6_000;
const CONNECT_WITHIN = 10_000;
const SIGNED_OUT = 4401;
const CROWDED = 4429;

export class Live extends /** @type {Telling<LiveEvents>} */ (EventTarget) {
  /** @type {WebSocket | null} */
  #socket = null;
  #failures = 0;
  #retry = 0;
  #beat = 0;
  #deadline = 0;
  #wait = 0;
  #stopped = true;
  /** @type {Set<number>} */
  #rooms = new Set();

  /** @param {string} address */
  constructor(address) {
    super();
    this.address = address;
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect, and stay connected from now on. */
  start() {
    this.#stopped = false;
    addEventListener("online", () => this.#now());
    addEventListener("offline", () => this.#drop());
    addEventListener("pageshow", (event) => event.persisted && this.#now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
    this.#connect();
  }

  /**
   * Heartbeats ask for the state of this room from now on.
   * @param {number} room
   */
  watch(room) {
    this.#rooms.add(room);
  }

  /** @param {number} room */
  unwatch(room) {
    this.#rooms.delete(room);
  }

  /**
   * Send a frame. Returns whether there was a connection to send it on.
   * @param {SentFrame} frame
   */
  send(frame) {
    if (!this.connected) return false;
    this.#socket?.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    clearTimeout(this.#retry);
    if (this.#stopped || this.#socket) return;
    const socket = new WebSocket(this.address);
    this.#socket = socket;
    // Begun while nothing gets through, it can hang for minutes after the network is back.
    this.#deadline = setTimeout(() => this.#drop(), CONNECT_WITHIN);
    socket.addEventListener("open", () => socket === this.#socket && this.#opened());
    socket.addEventListener("message", (event) => socket === this.#socket && this.#received(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  #opened() {
    this.#beat = setInterval(() => this.heartbeat(), BEAT);
    this.dispatchEvent(new Event("open"));
    this.heartbeat();
  }

  /** Ask for the revisions of the open rooms; an answer also proves that the connection is alive. */
  heartbeat() {
    if (!this.send({ type: "heartbeat", rooms: [...this.#rooms] })) return;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#drop(), ANSWER_WITHIN);
  }

  /** @param {string} data */
  #received(data) {
    clearTimeout(this.#deadline);
    this.#failures = 0;
    /** @type {Frame} */
    const frame = JSON.parse(data);
    if (frame.type === "bye") this.#wait = Number(frame.after) || 0;
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    this.dispatchEvent(new CustomEvent(`frame:${frame.type}`, { detail: frame }));
  }

  /** @param {number} code */
  #closed(code) {
    this.#forget();
    this.dispatchEvent(new Event("close"));
    if (code === SIGNED_OUT) {
      this.#stopped = true;
      this.dispatchEvent(new Event("signed-out"));
      return;
    }
    this.#retry = setTimeout(() => this.#connect(), this.#delay(code));
  }

  /** @param {number} code */
  #delay(code) {
    const asked = this.#wait || (code === CROWDED ? CROWDED_WAIT : 0);
    this.#wait = 0;
    const grown = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    return (asked || grown) * (0.5 + Math.random() / 2);
  }

  #forget() {
    clearInterval(this.#beat);
    clearTimeout(this.#deadline);
    this.#socket = null;
  }

  // The browser can take minutes to notice that a connection is dead: give it up without waiting for that.
  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#closed(0);
    socket.close();
  }

  #now() {
    if (this.connected) this.heartbeat();
    else if (!this.#socket) this.#connect();
  }
}

export const live = new Live(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/`);
