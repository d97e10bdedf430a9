// @ts-check
// The part of Janus' protocol that a call needs. https://janus.conf.meetecho.com/docs/rest.html (over a WebSocket)
// Events of a handle: "event" (detail: {data, jsep}), "hangup". Events of the session: "close".
import { uuid } from "../lib/uuid.js";

const ALIVE = 20_000;
const ANSWER_WITHIN = 8_000;
/** @typedef {{ done: (answer: JanusAnswer) => void, failed: (error: Error) => void, timer: number }} Waiting */
/** @typedef {{ janus: string } & Record<string, unknown>} Request */
/** @typedef {(message: Request, waits: boolean) => Promise<JanusAnswer>} Sender Answered only when the caller waits. */

const PLUGIN = "janus.plugin.videoroom";

export class JanusSession extends /** @type {Telling<JanusEvents>} */ (EventTarget) {
  /** @type {WebSocket} */
  #socket;
  #token = "";
  #id = 0;
  /** @type {Map<string, Waiting>} */
  #asked = new Map();
  /** @type {Map<number, Handle>} */
  #handles = new Map();
  #alive = 0;

  /**
   * Connect to `url` with the server's `token`. Throws when Janus does not answer or refuses.
   * @param {Pick<JanusAccess, "url" | "token">} access
   */
  static async open({ url, token }) {
    const session = new JanusSession();
    session.#token = token;
    session.#socket = new WebSocket(url, "janus-protocol");
    const socket = session.#socket;
    await new Promise((done, failed) => {
      socket.addEventListener("open", done, { once: true });
      socket.addEventListener("close", () => failed(new Error("Janus cannot be reached")), { once: true });
      setTimeout(() => failed(new Error("Janus does not answer")), ANSWER_WITHIN);
    }).catch((error) => {
      socket.close();
      throw error;
    });
    socket.addEventListener("message", ({ data }) => session.#received(JSON.parse(data)));
    socket.addEventListener("close", () => session.#closed());
    const created = await session.#ask({ janus: "create" });
    session.#id = created.data.id ?? 0;
    session.#alive = setInterval(() => session.#send({ janus: "keepalive" }), ALIVE);
    return session;
  }

  async attach() {
    const { data } = await this.#ask({ janus: "attach", plugin: PLUGIN });
    const id = data.id ?? 0;
    const handle = new Handle((message, waits) => this.#to(id, message, waits));
    this.#handles.set(id, handle);
    return handle;
  }

  close() {
    if (this.#socket.readyState === WebSocket.OPEN) this.#send({ janus: "destroy" });
    this.#socket.close();
  }

  /**
   * @param {number} handle
   * @param {Request} message
   * @param {boolean} waits
   */
  #to(handle, message, waits) {
    const whole = { ...message, handle_id: handle };
    if (waits) return this.#ask(whole);
    this.#send(whole);
    return Promise.resolve({ data: {} });
  }

  /** @param {Request} message */
  #send(message) {
    const transaction = uuid();
    const session = this.#id ? { session_id: this.#id } : {};
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ ...message, ...session, token: this.#token, transaction }));
    }
    return transaction;
  }

  /**
   * @param {Request} message
   * @returns {Promise<JanusAnswer>}
   */
  #ask(message) {
    const transaction = this.#send(message);
    return new Promise((done, failed) => {
      const timer = setTimeout(() => this.#settle(transaction, failed, new Error("Janus does not answer")), ANSWER_WITHIN);
      this.#asked.set(transaction, { done, failed, timer });
    });
  }

  /**
   * @template T
   * @param {string} transaction
   * @param {(value: T) => void} settle
   * @param {T} value
   */
  #settle(transaction, settle, value) {
    clearTimeout(this.#asked.get(transaction)?.timer);
    this.#asked.delete(transaction);
    settle(value);
  }

  /** @param {JanusMessage} message */
  #received(message) {
    const { janus, transaction, sender } = message;
    // The plugin's answer follows.
    if (janus === "ack") return;
    const told = message.plugindata?.data;
    const waiting = this.#asked.get(transaction);
    if (waiting) {
      const reason = message.error?.reason ?? told?.error;
      if (reason) this.#settle(transaction, waiting.failed, new Error(reason));
      else this.#settle(transaction, waiting.done, { data: told ?? message.data ?? {}, jsep: message.jsep });
      return;
    }
    const handle = this.#handles.get(sender);
    if (janus === "event") handle?.dispatchEvent(new CustomEvent("event", { detail: { data: told, jsep: message.jsep } }));
    else if (janus === "hangup" || janus === "detached") handle?.dispatchEvent(new Event("hangup"));
    else if (janus === "timeout") this.#socket.close();
  }

  #closed() {
    clearInterval(this.#alive);
    for (const [transaction, { failed }] of this.#asked) this.#settle(transaction, failed, new Error("Janus went away"));
    this.dispatchEvent(new Event("close"));
  }
}

export class Handle extends /** @type {Telling<HandleEvents>} */ (EventTarget) {
  /** @type {Sender} */
  #to;

  /** @param {Sender} to */
  constructor(to) {
    super();
    this.#to = to;
  }

  /**
   * Ask the video room. Returns {data, jsep}; throws with its reason.
   * @param {object} body
   * @param {RTCSessionDescription | null} [jsep]
   * @returns {Promise<JanusAnswer>}
   */
  ask(body, jsep) {
    return this.#to({ janus: "message", body, ...(jsep ? { jsep: { type: jsep.type, sdp: jsep.sdp } } : {}) }, true);
  }

  /** @param {RTCIceCandidate | null} candidate */
  trickle(candidate) {
    this.#to({ janus: "trickle", candidate: candidate ?? { completed: true } }, false);
  }
}
