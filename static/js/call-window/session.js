// @ts-check
// One page's part in one call: what it tells the server, and what the server tells it.
// Events: "snapshot" (the call has changed), "signal", "gone" (detail: the reason), "back" (the server is reached again).
import { live } from "../live.js";
import { member } from "../lib/page.js";
import { uuid } from "../lib/uuid.js";
import { get, post, Refusal, tell } from "./server.js";

const BEAT = 3_000;
const HERE = "wb.call";
const SENT = "wb.call.sent";
// So long, and so often, a page that the server has lost tries to come back.
const COME_BACK = 20_000;
const AGAIN = 1_000;

export class Session extends /** @type {Telling<SessionEvents>} */ (EventTarget) {
  #beat = 0;
  #quit = false;
  #stop = new AbortController();

  /**
   * `calls`: the address below which calls are; `snapshot`: the call, or null before there is one.
   * @param {{ calls: string, start: string, snapshot: Snapshot | null }} call
   */
  constructor({ calls, start, snapshot }) {
    super();
    this.calls = calls;
    this.startAddress = start;
    this.snapshot = snapshot;
    this.device = uuid();
    this.joined = false;
    const { signal } = this.#stop;
    // Other calls of this member are no business of this window, least of all while it is about to make one itself.
    live.addEventListener("frame:call", ({ detail }) => detail.call.id === this.id && this.#take(detail.call), { signal });
    live.addEventListener("frame:call_gone", ({ detail }) => this.#gone(detail), { signal });
    live.addEventListener("frame:signal", ({ detail }) => this.#signal(detail), { signal });
    live.addEventListener("open", () => this.#reached(), { signal });
    live.addEventListener("signed-out", () => this.#out("signed_out"), { signal });
    addEventListener("pagehide", () => this.#hide(), { signal });
    // Kept by the browser and shown again: the call went on without it.
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload(), { signal });
  }

  get id() {
    return this.snapshot?.id;
  }

  get mediaAddress() {
    return `${this.#address("media")}?device=${this.device}`;
  }

  /** What the server knows of this member in the call. */
  get mine() {
    return this.snapshot?.people.find((one) => one.member === member);
  }

  /** Whether this tab was in the call before a reload. */
  get wasHere() {
    return Boolean(this.id) && sessionStorage.getItem(HERE) === String(this.id);
  }

  /** What this tab had switched on before a reload. */
  get sent() {
    return { mic: true, camera: false, ...JSON.parse(sessionStorage.getItem(SENT) ?? "{}") };
  }

  /**
   * Call into a room; `move` takes a call that goes on there over from another page. Throws Refusal.
   * @param {{ room: string, kind: string, move?: boolean, mic?: boolean, camera?: boolean }} wish
   */
  async start({ room, kind, move = false, mic = true, camera = false }) {
    const values = { room, kind, device: this.device, move: move ? 1 : 0, mic: mic ? 1 : 0, camera: camera ? 1 : 0 };
    this.#entered(await post(this.startAddress, values));
    if (this.joined) history.replaceState(null, "", `${this.calls}${this.id}/`);
  }

  /**
   * Answer or join; `move` takes it over from another page of this member. Throws Refusal.
   * @param {{ move?: boolean, mic: boolean, camera: boolean }} wish
   */
  async join({ move = false, mic, camera }) {
    const values = { device: this.device, move: move ? 1 : 0, mic: mic ? 1 : 0, camera: camera ? 1 : 0 };
    this.#entered(await post(this.#address("join"), values));
  }

  /**
   * Join again, after the server lost this page. `status()` says what is switched on. Returns whether it came about.
   * @param {() => Switched} status
   * @returns {Promise<boolean>}
   */
  async comeBack(status) {
    const until = performance.now() + COME_BACK;
    // As a page of its own for the others, so that none of them keeps what it had with the one that was lost.
    this.device = uuid();
    this.#quit = false;
    while (performance.now() < until && !this.#quit) {
      try {
        await this.join({ move: true, ...status() });
        if (this.#quit) this.leave();
        return this.joined;
      } catch (error) {
        if (error instanceof Refusal && [403, 404, 409].includes(error.status) && error.code) return false;
        await new Promise((done) => {
          setTimeout(done, AGAIN);
        });
      }
    }
    return false;
  }

  decline() {
    return post(this.#address("decline"));
  }

  /** Hang up. The server is told as soon as it can be reached; the page does not wait. */
  leave() {
    // Also while it tries to come back: then it does not, or not for long.
    this.#quit = true;
    if (!this.id) return;
    this.#left();
    post(this.#address("leave"), { device: this.device }).catch(() => {
      tell(this.#address("leave"), { device: this.device });
    });
  }

  /**
   * What is switched on, for the others to see.
   * @param {Switched} status
   */
  status({ mic, camera, screen }) {
    if (!this.joined || !this.id) return;
    sessionStorage.setItem(SENT, JSON.stringify({ mic, camera }));
    live.send({ type: "call_status", call: this.id, device: this.device, mic, camera, screen });
  }

  /** The current state of the call. */
  async refresh() {
    if (this.id) this.#take(await get(this.#address("state")));
  }

  /** @param {Snapshot} snapshot */
  #entered(snapshot) {
    // A frame that came before the answer may know more.
    if (snapshot.id !== this.id || snapshot.rev >= (this.snapshot?.rev ?? 0)) this.snapshot = null;
    this.#take(snapshot);
    if (snapshot.state === "ended" || this.mine?.device !== this.device) return;
    this.joined = true;
    sessionStorage.setItem(HERE, String(snapshot.id));
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#alive(), BEAT);
    this.#alive();
  }

  #alive() {
    const { snapshot } = this;
    if (snapshot) live.send({ type: "in_call", call: snapshot.id, device: this.device, rev: snapshot.rev });
  }

  /** @param {Snapshot} snapshot */
  #take(snapshot) {
    if (this.snapshot && (snapshot.id !== this.id || snapshot.rev <= this.snapshot.rev)) return;
    this.snapshot = snapshot;
    if (snapshot.state === "ended") this.#left();
    this.dispatchEvent(new Event("snapshot"));
  }

  /** @param {Frames["call_gone"]} frame */
  #gone({ call, device, reason }) {
    if (call !== this.id || (device !== null && device !== this.device) || !this.joined) return;
    this.#out(reason);
  }

  /** @param {string} reason */
  #out(reason) {
    if (!this.joined) return;
    this.#left(reason === "lost");
    this.dispatchEvent(new CustomEvent("gone", { detail: reason }));
  }

  /** @param {Frames["signal"]} detail */
  #signal(detail) {
    if (detail.call === this.id && detail.to_device === this.device && this.joined) {
      this.dispatchEvent(new CustomEvent("signal", { detail }));
    }
  }

  #reached() {
    if (this.joined) this.#alive();
    this.refresh().catch(() => {});
    this.dispatchEvent(new Event("back"));
  }

  // After a reload the page rejoins its call; after closing it soon counts as gone.
  #hide() {
    if (!this.joined) return;
    tell(this.#address("leave"), { device: this.device, closed: 1 });
    this.joined = false;
  }

  #left(comesBack = false) {
    this.joined = false;
    clearInterval(this.#beat);
    if (!comesBack) sessionStorage.removeItem(HERE);
  }

  /** @param {string} what */
  #address(what) {
    return `${this.calls}${this.id}/${what}`;
  }
}
