// @ts-check
// Messages that are written but not yet acknowledged. They outlive a reload, a sign-out and the end of the browser;
// the client id makes it harmless to send one twice. One message of each room is under way at a time: order stays.
// Events: "added", "acked", "failed", "retried", "discarded" (detail: entry, and for "acked" the frame).
import { live } from "./live.js";
import { member } from "./lib/page.js";
import { forget, loadAll, save } from "./lib/storage.js";
import { uuid } from "./lib/uuid.js";

const ACK_WITHIN = 8_000;
const RETRY_AFTER = 1_000;
const KEY = "outbox.";

class Outbox extends /** @type {Telling<OutboxEvents>} */ (EventTarget) {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<number, { id: string, timer: number }>} */
  #flying = new Map();

  constructor() {
    super();
    /** @type {Entry[]} */
    const kept = loadAll(KEY).sort((a, b) => a.order - b.order);
    for (const entry of kept) this.#entries.set(entry.client_id, entry);
  }

  start() {
    live.addEventListener("open", () => this.#resend());
    live.addEventListener("close", () => this.#land());
    live.addEventListener("frame:ack", ({ detail }) => this.#acked(detail));
    live.addEventListener("frame:nack", ({ detail }) => detail.client_id && this.#refused(detail));
    live.addEventListener("frame:room", ({ detail }) => this.#arrived(detail));
    addEventListener("storage", (event) => this.#elsewhere(event));
  }

  /**
   * What waits for `room`, oldest first.
   * @param {number} room
   */
  of(room) {
    return [...this.#entries.values()].filter((entry) => entry.room === room);
  }

  /**
   * Keep a message and send it as soon as that is possible.
   * @param {number} room
   * @param {string} body
   */
  add(room, body) {
    const last = Math.max(0, ...[...this.#entries.values()].map((entry) => entry.order));
    const order = Math.max(Date.now(), last + 1);
    const entry = { client_id: uuid(), room, body, order, error: "" };
    this.#entries.set(entry.client_id, entry);
    save(KEY + entry.client_id, entry);
    this.#tell("added", { entry });
    this.#send(room);
  }

  /**
   * Send a refused message again.
   * @param {string} id
   */
  retry(id) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.error = "";
    save(KEY + id, entry);
    this.#tell("retried", { entry });
    this.#send(entry.room);
  }

  /** @param {string} id */
  discard(id) {
    const entry = this.#remove(id);
    if (entry) this.#tell("discarded", { entry });
  }

  #resend() {
    for (const room of new Set([...this.#entries.values()].map((entry) => entry.room))) this.#send(room);
  }

  /** @param {number} room */
  #send(room) {
    if (this.#flying.has(room)) return;
    const entry = this.of(room).find((one) => !one.error);
    if (!entry || !live.send({ type: "send", room, client_id: entry.client_id, body: entry.body })) return;
    this.#flying.set(room, { id: entry.client_id, timer: setTimeout(() => this.#again(room), ACK_WITHIN) });
  }

  /** @param {number} room */
  #again(room) {
    clearTimeout(this.#flying.get(room)?.timer);
    this.#flying.delete(room);
    this.#send(room);
  }

  #land() {
    for (const { timer } of this.#flying.values()) clearTimeout(timer);
    this.#flying.clear();
  }

  /** @param {Frames["ack"]} frame */
  #acked(frame) {
    const entry = this.#remove(frame.client_id ?? "");
    this.#tell("acked", { entry, frame });
    if (entry) this.#again(entry.room);
  }

  /** @param {Frames["nack"]} frame */
  #refused(frame) {
    const entry = this.#entries.get(frame.client_id ?? "");
    if (!entry) return;
    const flight = this.#flying.get(entry.room);
    if (frame.retry) {
      clearTimeout(flight?.timer);
      const wait = (frame.after ?? 0) * 1_000 || RETRY_AFTER;
      this.#flying.set(entry.room, { id: entry.client_id, timer: setTimeout(() => this.#again(entry.room), wait) });
      return;
    }
    entry.error = frame.text;
    save(KEY + entry.client_id, entry);
    this.#tell("failed", { entry });
    this.#again(entry.room);
  }

  /**
   * The room's push can come before the acknowledgement, or instead of it.
   * @param {Frames["room"]} frame
   */
  #arrived(frame) {
    if (this.#entries.size === 0) return;
    for (const { client_id: id } of frame.items ?? []) {
      const entry = id && this.#entries.get(id);
      if (!entry) continue;
      this.#remove(id);
      this.#again(entry.room);
    }
  }

  /** @param {string} id */
  #remove(id) {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    forget(KEY + id);
    const flight = entry && this.#flying.get(entry.room);
    if (entry && flight?.id === id) {
      clearTimeout(flight.timer);
      this.#flying.delete(entry.room);
    }
    return entry;
  }

  /**
   * Another tab has sent it or thrown it away.
   * @param {StorageEvent} event
   */
  #elsewhere(event) {
    const id = event.key?.startsWith(`wb.${member}.${KEY}`) && event.key.split(KEY)[1];
    if (!id || event.newValue !== null) return;
    const entry = this.#remove(id);
    if (entry) this.#tell("discarded", { entry });
  }

  /**
   * @template {keyof OutboxEvents} K
   * @param {K} type
   * @param {OutboxEvents[K]} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const outbox = new Outbox();
