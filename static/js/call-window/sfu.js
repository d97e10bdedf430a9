// @ts-check
// A group call through Janus: one connection that sends, one that receives everybody else.
import { get } from "./server.js";
import { JanusSession } from "./janus.js";

const AGAIN = 1_000;
const LONGEST = 15_000;
const GIVE_UP = 20_000;
const BITRATE = 700_000;

export class Sfu {
  /** @type {JanusSession | null} */
  #session = null;
  /** @type {Handle | null} */
  #subscriber = null;
  /** @type {RTCPeerConnection | null} */
  #sending = null;
  /** @type {RTCPeerConnection | null} */
  #receiving = null;
  #room = 0;
  #private = 0;
  // Feeds that Janus has, those that are received, and which stream each line of the connection belongs to.
  /** @type {Set<number>} */
  #there = new Set();
  /** @type {Set<number>} */
  #subscribed = new Set();
  /** @type {Map<number, MediaStream>} */
  #streams = new Map();
  /** @type {Map<number, Person>} */
  #feeds = new Map();
  /** @type {Map<string | null, number | null | undefined>} */
  #lines = new Map();
  /** @type {Promise<void>} */
  #work = Promise.resolve();
  #again = 0;
  /**
   * The attempt that counts: what an earlier one still brings is not used.
   * @type {object | null}
   */
  #attempt = null;
  #tries = 0;
  #failures = 0;
  #down = performance.now();

  /**
   * `address`: where the way to Janus is asked for. `changed(member)` hears of every change of what arrives.
   * @param {object} parts
   * @param {string} parts.address
   * @param {Media} parts.media
   * @param {Ways} parts.ways
   * @param {(member: number | null) => void} parts.changed
   */
  constructor({ address, media, ways, changed }) {
    this.address = address;
    this.media = media;
    this.ways = ways;
    this.changed = changed;
    this.closed = false;
    /** @type {ConnectionState} */
    this.state = "connecting";
    this.#start();
  }

  /** The connections that are there. */
  get peers() {
    return [this.#sending, this.#receiving].filter((pc) => pc !== null);
  }

  /**
   * What arrives of a member, or undefined.
   * @param {number} id
   */
  stream(id) {
    const feed = [...this.#feeds].find(([, one]) => one.member === id)?.[0];
    return feed === undefined ? undefined : this.#streams.get(feed);
  }

  /**
   * Whether all that arrives of the member in the stream `other`, or something at least, arrives here too.
   * @param {number} id
   * @param {MediaStream} [other]
   */
  delivers(id, other) {
    /** @param {MediaStream | undefined} stream */
    const kinds = (stream) => new Set(stream?.getTracks().filter((track) => !track.muted).map(({ kind }) => kind));
    const here = kinds(this.stream(id));
    return here.size > 0 && [...kinds(other)].every((kind) => here.has(kind));
  }

  /**
   * Receive exactly these people.
   * @param {Person[]} people
   */
  sync(people) {
    this.#feeds = new Map(people.map((one) => [one.feed, one]));
    return this.#subscribe();
  }

  async update() {
    const tracks = [this.media.audio, this.media.video];
    const senders = this.#sending?.getTransceivers() ?? [];
    await Promise.all(senders.map((way, n) => way.sender.replaceTrack(tracks[n] ?? null)));
  }

  wake() {
    if (this.state !== "connected" && !this.closed) this.#restart(0);
  }

  close() {
    this.closed = true;
    clearTimeout(this.#again);
    this.#forget();
  }

  async #start() {
    const attempt = (this.#attempt = {});
    const counts = () => attempt === this.#attempt && !this.closed;
    // Janus may not have noticed yet that this page's last connection is gone.
    const again = this.#tries++ ? "&again=1" : "";
    try {
      const { janus } = await get(this.address + again);
      if (!counts() || !janus) return;
      const session = await JanusSession.open(janus);
      if (!counts()) {
        session.close();
        return;
      }
      this.#session = session;
      session.addEventListener("close", () => session === this.#session && this.#restart());
      await this.#publish(session, janus);
      await this.#subscribe();
    } catch (error) {
      if (!counts()) return;
      console.warn("Janus", error);
      this.#restart();
    }
  }

  /**
   * @param {JanusSession} session
   * @param {JanusAccess} access
   */
  async #publish(session, { room, feed, pin }) {
    this.#room = room;
    const publisher = await session.attach();
    publisher.addEventListener("event", ({ detail }) => this.#heard(detail.data));
    const joined = await publisher.ask({ request: "join", ptype: "publisher", room, id: feed, token: pin });
    this.#private = joined.data.private_id ?? 0;
    const pc = (this.#sending = await this.#connection(session, publisher));
    pc.addTransceiver(this.media.audio ?? "audio", { direction: "sendonly" });
    pc.addTransceiver(this.media.video ?? "video", { direction: "sendonly", sendEncodings: [{ maxBitrate: BITRATE }] });
    await pc.setLocalDescription();
    const answer = await publisher.ask({ request: "publish", bitrate: BITRATE }, pc.localDescription);
    await pc.setRemoteDescription(/** @type {RTCSessionDescriptionInit} */ (answer.jsep));
    await this.update();
    this.#heard(joined.data);
  }

  /**
   * @param {JanusSession} session
   * @param {Handle} handle
   */
  async #connection(session, handle) {
    const configuration = await this.ways.configuration();
    // Given up in the meantime: the next attempt opens its own connections.
    if (session !== this.#session) throw new Error("Janus went away");
    const pc = new RTCPeerConnection(configuration);
    pc.addEventListener("icecandidate", ({ candidate }) => handle.trickle(candidate));
    pc.addEventListener("connectionstatechange", () => this.#moved(pc));
    return pc;
  }

  /** @param {RTCPeerConnection} pc */
  #moved(pc) {
    if (!this.peers.includes(pc)) return;
    if (pc.connectionState === "failed") this.#restart(0);
    const up = this.peers.every(({ connectionState }) => connectionState === "connected");
    if (up) this.#down = this.#failures = 0;
    else if (pc.connectionState === "disconnected") this.#down ||= performance.now();
    this.#is(up ? "connected" : this.state === "connected" && this.#down ? "lost" : this.state);
  }

  /** @param {JanusData | undefined} data */
  #heard(data) {
    for (const { id } of data?.publishers ?? []) this.#there.add(id);
    for (const gone of [data?.unpublished, data?.leaving]) {
      if (typeof gone !== "number") continue;
      this.#there.delete(gone);
      this.#subscribed.delete(gone);
      this.#streams.delete(gone);
    }
    if (data?.publishers || data?.unpublished || data?.leaving) this.#subscribe();
  }

  // One change after the other: each is an offer of Janus that has to be answered before the next.
  #subscribe() {
    this.#work = this.#work.then(() => this.#adjust()).catch((error) => {
      console.warn("Janus", error);
      this.#restart();
    });
    return this.#work;
  }

  async #adjust() {
    if (!this.#private || this.closed) return;
    const wanted = [...this.#feeds.keys()].filter((feed) => this.#there.has(feed));
    const more = wanted.filter((feed) => !this.#subscribed.has(feed));
    const less = [...this.#subscribed].filter((feed) => !this.#feeds.has(feed));
    if (less.length && this.#subscriber) await this.#request(this.#subscriber, "unsubscribe", less);
    for (const feed of less) {
      this.#subscribed.delete(feed);
      this.#streams.delete(feed);
    }
    if (more.length) await (this.#subscriber ? this.#request(this.#subscriber, "subscribe", more) : this.#join(more));
    for (const feed of more) this.#subscribed.add(feed);
  }

  /** @param {number[]} feeds */
  async #join(feeds) {
    const session = this.#session;
    if (!session) throw new Error("Janus went away");
    const handle = await session.attach();
    handle.addEventListener("event", ({ detail }) => detail.jsep && this.#offered(detail));
    const pc = (this.#receiving = await this.#connection(session, handle));
    pc.addEventListener("track", ({ transceiver }) => this.#received(transceiver));
    this.#subscriber = handle;
    const streams = feeds.map((feed) => ({ feed }));
    const body = { request: "join", ptype: "subscriber", room: this.#room, private_id: this.#private, streams };
    await this.#offered(await handle.ask(body));
  }

  /**
   * @param {Handle} subscriber
   * @param {"subscribe" | "unsubscribe"} request
   * @param {number[]} feeds
   */
  async #request(subscriber, request, feeds) {
    await this.#offered(await subscriber.ask({ request, streams: feeds.map((feed) => ({ feed })) }));
  }

  /** @param {JanusAnswer} answer */
  async #offered({ data, jsep }) {
    const streams = data?.streams ?? [];
    this.#lines = new Map(streams.map(({ mid, feed_id: feed, active }) => [mid, active === false ? null : feed]));
    const [pc, subscriber] = [this.#receiving, this.#subscriber];
    if (!jsep || !pc || !subscriber) {
      this.#sort();
      return;
    }
    await pc.setRemoteDescription(jsep);
    await pc.setLocalDescription();
    this.#sort();
    await subscriber.ask({ request: "start", room: this.#room }, pc.localDescription);
  }

  /** @param {RTCRtpTransceiver} transceiver */
  #received({ receiver: { track } }) {
    track.addEventListener("unmute", () => this.#sort());
    this.#sort();
  }

  // Whose stream each line carries: Janus uses lines of those who left for those who come.
  #sort() {
    for (const way of this.#receiving?.getTransceivers() ?? []) {
      const feed = this.#lines.get(way.mid);
      const { track } = way.receiver;
      for (const [other, stream] of this.#streams) if (other !== feed) stream.removeTrack(track);
      if (!feed) continue;
      const stream = this.#streams.get(feed) ?? new MediaStream();
      this.#streams.set(feed, stream);
      // An element plays no sound while it waits for the first picture.
      if (track.kind === "audio" || !track.muted) stream.addTrack(track);
    }
    this.#tell();
  }

  #tell() {
    for (const { member } of this.#feeds.values()) this.changed(member);
  }

  #restart(wait = Math.min(LONGEST, AGAIN * 2 ** this.#failures++)) {
    if (this.closed) return;
    this.#down ||= performance.now();
    this.#is(performance.now() - this.#down > GIVE_UP ? "dead" : this.state === "connecting" ? "connecting" : "lost");
    this.#forget();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#start(), wait || 100);
  }

  #forget() {
    const session = this.#session;
    this.#attempt = null;
    this.#session = this.#subscriber = null;
    this.#private = 0;
    session?.close();
    for (const pc of this.peers) pc.close();
    this.#sending = this.#receiving = null;
    this.#there.clear();
    this.#subscribed.clear();
    this.#streams.clear();
  }

  /** @param {ConnectionState} state */
  #is(state) {
    if (this.state === state) return;
    this.state = state;
    this.changed(null);
  }
}
