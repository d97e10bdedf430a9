// @ts-check
// A connection from page to page that carries nothing: how an offer and an answer change it, and what it was told.
// https://www.w3.org/TR/webrtc/#rtcsignalingstate-enum
import { Heard } from "./heard.js";

export class FakeConnection extends Heard {
  signalingState = "stable";
  connectionState = "new";
  localDescription = null;
  configurations = [];
  candidates = [];
  restarts = 0;
  #lanes = [];
  #made = 0;
  #asks = false;

  constructor(configuration) {
    super();
    this.configurations.push(configuration);
  }

  getTransceivers() {
    return [...this.#lanes];
  }

  addTransceiver(kind, { direction }) {
    this.#lanes.push(lane(kind, direction));
    this.#needed();
  }

  async setLocalDescription() {
    const answers = this.signalingState === "have-remote-offer";
    const type = answers ? "answer" : "offer";
    await null;
    this.#place();
    this.localDescription = { type, sdp: `${type} ${(this.#made += 1)}` };
    this.signalingState = answers ? "stable" : "have-local-offer";
  }

  async setRemoteDescription({ type }) {
    await null;
    if (type === "answer" && this.signalingState !== "have-local-offer") throw new Error("an answer to nothing");
    if (type === "offer") {
      // An own offer is taken back.
      this.signalingState = "have-remote-offer";
      if (!this.#lanes.length) this.#lanes = [lane("audio", "recvonly"), lane("video", "recvonly")];
      this.#place();
    } else this.signalingState = "stable";
  }

  async addIceCandidate(candidate) {
    this.candidates.push(candidate);
  }

  setConfiguration(configuration) {
    this.configurations.push(configuration);
  }

  restartIce() {
    this.restarts += 1;
    this.#needed();
  }

  close() {
    this.signalingState = "closed";
  }

  /** What the browser finds out about the way to the other page. */
  becomes(state) {
    this.connectionState = state;
    this.happen("connectionstatechange");
  }

  /** The browser has found an address. */
  finds(candidate) {
    this.happen("icecandidate", { candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "u" } });
  }

  #place() {
    this.#lanes.forEach((one, n) => (one.mid ??= String(n)));
  }

  // One event for all that changes at a time.
  #needed() {
    if (this.#asks) return;
    this.#asks = true;
    queueMicrotask(() => {
      this.#asks = false;
      this.happen("negotiationneeded");
    });
  }
}

function lane(kind, direction) {
  const sender = {
    track: kind,
    async replaceTrack(track) {
      sender.track = track;
    },
  };
  const receiver = { track: Object.assign(new Heard(), { kind, muted: false }) };
  return { mid: null, direction, sender, receiver, stop() {} };
}

/** A picture and sound that is only counted. */
export class FakeStream {
  #tracks;

  constructor(tracks = []) {
    this.#tracks = [...tracks];
  }

  getTracks() {
    return [...this.#tracks];
  }

  addTrack(track) {
    this.#tracks.push(track);
  }

  removeTrack(track) {
    this.#tracks = this.#tracks.filter((one) => one !== track);
  }
}
