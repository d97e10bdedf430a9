// @ts-check
// Who speaks: looked for some times a second, in what arrives and in the own microphone.
import { member } from "../lib/page.js";
import { levelOf, receivedLevel } from "./level.js";

const EVERY = 250;

export class Speaking {
  #timer = 0;
  /** @type {Level | null} */
  #own = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;

  /** @param {{ peers: () => RTCPeerConnection[], stage: Stage, media: Media }} parts */
  constructor({ peers, stage, media }) {
    this.peers = peers;
    this.stage = stage;
    this.media = media;
  }

  start() {
    this.#timer ||= setInterval(() => this.#look(), EVERY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#own?.stop();
    this.#own = this.#track = null;
  }

  #look() {
    const pcs = this.peers();
    const levels = new Map();
    for (const [id, track] of this.stage.sounds()) levels.set(id, receivedLevel(pcs, track));
    levels.set(member, this.media.status.mic ? this.#ownLevel() : 0);
    this.stage.speaking(levels);
  }

  #ownLevel() {
    const { audio } = this.media;
    if (audio !== this.#track) {
      this.#own?.stop();
      this.#track = audio;
      this.#own = audio && levelOf(audio);
    }
    return this.#own?.() ?? 0;
  }
}
