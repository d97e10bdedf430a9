// @ts-check
// The connections from page to page: one with each page of another person that is in the call.
import { live } from "../live.js";
import { member } from "../lib/page.js";
import { Peer } from "./peer.js";

// What one page sends to each of several others, so that an ordinary line carries it.
const SHARED = { maxBitrate: 700_000, scaleResolutionDownBy: 1.5 };
const ALONE = { maxBitrate: 2_500_000, scaleResolutionDownBy: 1 };

export class Mesh {
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  /** @type {Map<string, Signal[]>} */
  #waiting = new Map();
  /** @type {Map<string, PageOf>} */
  #wanted = new Map();

  /**
   * `changed(member, peer)` hears of every change of a connection.
   * @param {object} parts
   * @param {number} parts.call
   * @param {string} parts.device
   * @param {Media} parts.media
   * @param {Ways} parts.ways
   * @param {(member: number, peer: Peer | null) => void} parts.changed
   */
  constructor({ call, device, media, ways, changed }) {
    this.call = call;
    this.device = device;
    this.media = media;
    this.ways = ways;
    this.changed = changed;
    this.closed = false;
  }

  get peers() {
    return [...this.#peers.values()];
  }

  /** @param {number} id */
  of(id) {
    return this.peers.find((peer) => peer.member === id);
  }

  /**
   * Connect with exactly these people; `offers`: this page came last and makes the offers.
   * @param {PageOf[]} people
   * @param {{ offers?: boolean }} [options]
   */
  async sync(people, { offers = false } = {}) {
    const wanted = (this.#wanted = new Map(people.map((one) => [`${one.member} ${one.device}`, one])));
    for (const [key, peer] of this.#peers) if (!wanted.has(key)) this.#drop(key, peer);
    // Who has gone while the servers were asked for is not connected with.
    for (const [key, one] of wanted) if (!this.#peers.has(key)) await this.#add(key, one, offers, () => this.#wanted.has(key));
    this.#adapt();
  }

  /**
   * A signal for this page.
   * @param {Pick<Frames["signal"], "from" | "device" | "data">} signal
   */
  async receive({ from, device, data }) {
    const key = `${from} ${device}`;
    const peer = this.#peers.get(key) ?? (data.description?.type === "offer" ? await this.#add(key, { member: from, device }, false) : null);
    if (peer) peer.receive(data);
    // Candidates may overtake the offer while the servers are asked for.
    else if (data.candidates) this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), data].slice(-50));
  }

  /** What this page sends has changed. */
  async update() {
    await Promise.all(this.peers.map((peer) => peer.send(this.media.audio, this.media.video)));
    this.#adapt();
  }

  wake() {
    for (const peer of this.peers) peer.wake();
  }

  /** @param {number} id */
  drop(id) {
    for (const [key, peer] of this.#peers) if (peer.member === id) this.#drop(key, peer);
  }

  close() {
    this.closed = true;
    for (const [key, peer] of this.#peers) this.#drop(key, peer);
  }

  /**
   * @param {string} key
   * @param {PageOf} one
   * @param {boolean} offers
   */
  async #add(key, one, offers, still = () => true) {
    const configuration = await this.ways.configuration();
    if (this.closed || this.#peers.has(key) || !still()) return this.#peers.get(key);
    /** @param {Signal} data */
    const signal = (data) =>
      live.send({ type: "signal", call: this.call, device: this.device, to: one.member, to_device: one.device, data });
    const peer = new Peer({ configuration, ways: this.ways, polite: member > one.member, offers, signal });
    peer.member = one.member;
    this.#peers.set(key, peer);
    peer.addEventListener("state", () => this.#told(peer));
    peer.addEventListener("tracks", () => this.#told(peer));
    peer.send(this.media.audio, this.media.video);
    for (const data of this.#waiting.get(key) ?? []) peer.receive(data);
    this.#waiting.delete(key);
    return peer;
  }

  /** @param {Peer} peer */
  #told(peer) {
    if (peer.state === "connected") this.#adapt();
    this.changed(peer.member, peer);
  }

  /**
   * @param {string} key
   * @param {Peer} peer
   */
  #drop(key, peer) {
    this.#peers.delete(key);
    peer.close();
    this.changed(peer.member, null);
  }

  #adapt() {
    const screen = this.media.status.screen;
    const { maxBitrate, scaleResolutionDownBy } = this.#peers.size > 1 ? SHARED : ALONE;
    for (const { pc } of this.peers) {
      for (const sender of pc.getSenders()) {
        if (sender.track?.kind !== "video") continue;
        const parameters = sender.getParameters();
        if (!parameters.encodings?.length) continue;
        Object.assign(parameters.encodings[0], { maxBitrate, scaleResolutionDownBy: screen ? 1 : scaleResolutionDownBy });
        sender.setParameters(parameters).catch(() => {});
      }
    }
  }
}
