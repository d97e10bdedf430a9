// @ts-check
// One connection with one page of another person. Perfect negotiation: either side may offer at any time, and when both
// do, the polite one gives way. https://www.w3.org/TR/webrtc/#perfect-negotiation-example
// Events: "state" when it came up, went down or was given up; "tracks" when what it receives has changed.

// Candidates that come within this time travel together.
const GATHER = 20;
const MOST_CANDIDATES = 20;
// A short interruption heals itself; after this time ICE restarts, again and again, until it gives up.
const FLICKER = 1_500;
const AGAIN = 4_000;
const GIVE_UP = 20_000;

export class Peer extends /** @type {Telling<PeerEvents>} */ (EventTarget) {
  /** @type {(data: Signal) => void} */
  #signal;
  /** @type {Pick<Ways, "configuration">} */
  #ways;
  #making = false;
  #ignoring = false;
  /** @type {RTCIceCandidateInit[]} */
  #candidates = [];
  #flush = 0;
  #repair = 0;
  #down = performance.now();
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  /** @type {[MediaStreamTrack | null, MediaStreamTrack | null]} */
  #tracks = [null, null];

  /**
   * `signal(data)` sends to the other page; `ways` tells the servers; `configuration` is what it said last.
   * @param {object} parts
   * @param {RTCConfiguration} parts.configuration
   * @param {Pick<Ways, "configuration">} parts.ways
   * @param {boolean} parts.polite
   * @param {boolean} parts.offers
   * @param {(data: Signal) => void} parts.signal
   */
  constructor({ configuration, ways, polite, offers, signal }) {
    super();
    this.#signal = signal;
    this.#ways = ways;
    this.polite = polite;
    this.offers = offers;
    /** @type {ConnectionState} */
    this.state = "connecting";
    /** Whose page it is. */
    this.member = 0;
    this.stream = new MediaStream();
    this.pc = new RTCPeerConnection(configuration);
    this.pc.addEventListener("icecandidate", ({ candidate }) => candidate && this.#gathered(candidate));
    this.pc.addEventListener("connectionstatechange", () => this.#changed());
    this.pc.addEventListener("track", ({ track }) => this.#received(track));
    this.pc.addEventListener("negotiationneeded", () => this.#offer());
    this.#repair = setTimeout(() => this.#mend(), offers ? AGAIN : AGAIN + FLICKER);
  }

  /**
   * Send these tracks; null sends nothing. Both ways are open from the start, so nothing is negotiated again.
   * @param {MediaStreamTrack | null} audio
   * @param {MediaStreamTrack | null} video
   */
  async send(audio, video) {
    this.#tracks = [audio, video];
    if (!this.pc.getTransceivers().length) {
      if (!this.offers) return;
      this.pc.addTransceiver(audio ?? "audio", { direction: "sendrecv" });
      this.pc.addTransceiver(video ?? "video", { direction: "sendrecv" });
      return;
    }
    await Promise.all(this.#lanes.map((way, n) => way.sender.replaceTrack(this.#tracks[n] ?? null)));
  }

  // Sound first, then the picture. When both sides began together, those of the offer that counts.
  get #lanes() {
    const all = this.pc.getTransceivers();
    const placed = all.filter(({ mid }) => mid !== null);
    return placed.length ? placed : all;
  }

  /**
   * Take in what the other page sent. One after the other: a candidate waits for its description.
   * @param {Signal} data
   */
  receive(data) {
    this.#queue = this.#queue.then(() => this.#take(data)).catch((error) => console.warn("signal", error));
    return this.#queue;
  }

  /** The path may have been lost unnoticed: look for a new one unless it works. */
  wake() {
    if (this.pc.connectionState !== "connected" && this.state !== "closed") this.#mend();
  }

  close() {
    this.state = "closed";
    clearTimeout(this.#repair);
    clearTimeout(this.#flush);
    this.pc.close();
  }

  /** @param {Signal} signal */
  async #take({ description, candidates }) {
    if (this.state === "closed") return;
    if (candidates) {
      for (const candidate of candidates) {
        await this.pc.addIceCandidate(candidate).catch((error) => {
          if (!this.#ignoring) throw error;
        });
      }
      return;
    }
    if (!description) return;
    const collides = description.type === "offer" && (this.#making || this.pc.signalingState !== "stable");
    this.#ignoring = !this.polite && collides;
    if (this.#ignoring) return;
    await this.pc.setRemoteDescription(description);
    if (description.type === "offer") await this.#answer();
  }

  async #answer() {
    for (const way of this.pc.getTransceivers()) {
      if (way.mid === null) way.stop();
      else way.direction = "sendrecv";
    }
    await this.send(...this.#tracks);
    await this.pc.setLocalDescription();
    this.#describe();
  }

  async #offer() {
    // Who waits for an offer has nothing to offer yet.
    if (!this.pc.getTransceivers().length) return;
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.#describe();
    } catch (error) {
      console.warn("offer", error);
    } finally {
      this.#making = false;
    }
  }

  #describe() {
    const { type, sdp } = /** @type {RTCSessionDescription} */ (this.pc.localDescription);
    this.#signal({ description: { type, sdp } });
  }

  /** @param {RTCIceCandidate} candidate */
  #gathered({ candidate, sdpMid, sdpMLineIndex, usernameFragment }) {
    if (!candidate) return;
    this.#candidates.push({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    this.#flush ||= setTimeout(() => this.#sendCandidates(), GATHER);
  }

  #sendCandidates() {
    this.#flush = 0;
    while (this.#candidates.length) this.#signal({ candidates: this.#candidates.splice(0, MOST_CANDIDATES) });
  }

  /** @param {MediaStreamTrack} track */
  #received(track) {
    // An element plays no sound while it waits for the first picture: a picture joins when there is one.
    if (track.kind === "video" && track.muted) {
      track.addEventListener("unmute", () => this.#received(track), { once: true });
      return;
    }
    for (const old of this.stream.getTracks()) if (old.kind === track.kind) this.stream.removeTrack(old);
    this.stream.addTrack(track);
    this.dispatchEvent(new Event("tracks"));
  }

  #changed() {
    const { connectionState } = this.pc;
    if (this.state === "closed") return;
    if (connectionState === "connected") {
      clearTimeout(this.#repair);
      this.#down = 0;
      this.#is("connected");
    } else if (connectionState === "disconnected" || connectionState === "failed") {
      this.#down ||= performance.now();
      clearTimeout(this.#repair);
      this.#repair = setTimeout(() => this.#mend(), connectionState === "failed" ? 0 : FLICKER);
      if (this.state === "connected") this.#is("lost");
    }
  }

  async #mend() {
    clearTimeout(this.#repair);
    this.#repair = setTimeout(() => this.#mend(), AGAIN);
    if (performance.now() - (this.#down || performance.now()) > GIVE_UP) this.#is("dead");
    try {
      this.pc.setConfiguration(await this.#ways.configuration());
    } catch {
      // Without the server the signal would be lost anyway; the next round tries again.
      return;
    }
    if (this.state === "closed" || this.pc.connectionState === "connected") return;
    // Signals can be lost: an unanswered offer is repeated before any other request.
    if (this.pc.signalingState === "have-local-offer") this.#describe();
    else if (this.pc.getTransceivers().length) this.pc.restartIce();
    else this.#begin();
  }

  // The offer that was waited for did not come.
  #begin() {
    this.offers = true;
    this.send(...this.#tracks);
  }

  /** @param {ConnectionState} state */
  #is(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
