// @ts-check
// How media travel in one call: from page to page, or through Janus from the moment the server says so. While it changes
// over both ways are open, and each person's direct connection ends when they arrive through Janus.
import { member } from "../lib/page.js";
import { Mesh } from "./mesh.js";
import { Sfu } from "./sfu.js";

// The other side may need a little longer until it receives this page through Janus.
const OVERLAP = 5_000;

export class Transport {
  #mesh;
  /** @type {Sfu | null} */
  #sfu = null;
  /** @type {Person[]} */
  #others = [];
  /** @type {Set<number>} */
  #over = new Set();

  /**
   * `changed(member)` hears whenever what arrives of a person, or the way to them, has changed (null: of everyone).
   * @param {object} parts
   * @param {number} parts.call
   * @param {string} parts.device
   * @param {Media} parts.media
   * @param {Ways} parts.ways
   * @param {string} parts.address
   * @param {(member: number | null) => void} parts.changed
   */
  constructor({ call, device, media, ways, address, changed }) {
    this.media = media;
    this.ways = ways;
    this.address = address;
    this.changed = changed;
    this.#mesh = new Mesh({ call, device, media, ways, changed: (id) => changed(id) });
    this.update = () => this.#update();
    media.addEventListener("change", this.update);
  }

  /** All connections that are there. */
  get peers() {
    return [...this.#mesh.peers.map(({ pc }) => pc), ...(this.#sfu?.peers ?? [])];
  }

  /**
   * Connect with those who are in the call; `offers`: this page has just joined.
   * @param {Pick<Snapshot, "mode" | "people">} snapshot
   * @param {{ offers?: boolean }} [options]
   */
  async sync({ mode, people }, { offers = false } = {}) {
    this.#others = people.filter((one) => one.member !== member && one.state === "joined" && one.device);
    if (mode === "mesh") return this.#mesh.sync(this.#others, { offers });
    this.#sfu ??= new Sfu({ address: this.address, media: this.media, ways: this.ways, changed: (id) => this.#moved(id) });
    // Who came by now comes through Janus alone.
    await this.#mesh.sync(this.#others.filter((one) => this.#mesh.of(one.member)));
    return this.#sfu.sync(this.#others);
  }

  /** @param {Frames["signal"]} signal */
  receive(signal) {
    // Who comes through Janus by now needs no connection of their own.
    if (!this.#over.has(signal.from)) this.#mesh.receive(signal);
  }

  /**
   * A person's media: direct until all of it also arrives through Janus.
   * @param {number} id
   */
  stream(id) {
    const direct = this.#mesh.of(id)?.stream;
    return this.#sfu?.delivers(id, direct) || !direct ? this.#sfu?.stream(id) : direct;
  }

  /**
   * How the way to a person is: "connecting", "connected", "lost", "dead".
   * @param {number} id
   * @returns {ConnectionState}
   */
  state(id) {
    const direct = this.#mesh.of(id)?.state;
    return direct === "connected" ? direct : this.#sfu?.state ?? direct ?? "connecting";
  }

  /** The connection to the server is back: the peers' paths may have to be found again. */
  wake() {
    this.#mesh.wake();
    this.#sfu?.wake();
  }

  close() {
    this.media.removeEventListener("change", this.update);
    this.#mesh.close();
    this.#sfu?.close();
    this.#sfu = null;
  }

  #update() {
    this.#mesh.update();
    this.#sfu?.update();
  }

  /** @param {number | null} id */
  #moved(id) {
    if (id !== null && this.#sfu?.delivers(id) && !this.#over.has(id)) {
      this.#over.add(id);
      setTimeout(() => this.#mesh.drop(id), OVERLAP);
    }
    this.changed(id);
  }
}
