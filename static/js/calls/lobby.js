// Before the call: what goes on, the own picture and voice, what fails and what to do about it.
import { member, text } from "../lib/page.js";
import { levelOf } from "./level.js";

const METER = 100;

export class Lobby {
  #level = null;
  #track = null;
  #timer = 0;

  /** `begin({video, without, move})` starts, answers or joins; `decline()` does not. */
  constructor(root, { media, begin, decline }) {
    Object.assign(this, { root, media, begin, decline });
    this.wish = {};
    this.elsewhere = false;
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-begin]");
      if (button) this.#chosen(button.dataset.begin);
    });
  }

  /** Show the buttons that fit. `snapshot` is null before anybody is rung; `fault` says what went wrong. */
  show({ snapshot, kind, fault, name }) {
    const mine = snapshot?.people.find((one) => one.member === member);
    const rings = snapshot?.direct && mine?.state === "ringing";
    this.elsewhere ||= mine?.state === "joined";
    const shown = {
      voice: !snapshot && kind === "voice" && !fault,
      video: !snapshot && kind === "video" && !fault,
      accept: rings && !this.elsewhere && !fault,
      "accept-video": rings && !this.elsewhere && !fault,
      decline: rings && !this.elsewhere,
      join: Boolean(snapshot) && !rings && !this.elsewhere && !fault,
      "join-video": Boolean(snapshot) && !rings && !this.elsewhere && !fault,
      move: this.elsewhere,
      again: Boolean(fault) && !this.elsewhere,
      without: Boolean(fault) && !this.elsewhere,
    };
    for (const [which, there] of Object.entries(shown)) this.root.querySelector(`[data-begin="${which}"]`).hidden = !there;
    this.#say(fault || (this.elsewhere ? text("elsewhere") : ""));
    this.root.querySelector("[data-lobby-title]").textContent = text(rings ? "is_calling" : "call_with", { name });
    this.changed();
  }

  /** What is sent has changed: the meter and the picture follow it. */
  changed() {
    const { audio, video } = this.media;
    const preview = this.root.querySelector("video");
    preview.hidden = !video;
    preview.srcObject = video ? new MediaStream([video]) : null;
    if (audio === this.#track) return;
    this.#level?.stop();
    clearInterval(this.#timer);
    this.#track = audio;
    const meter = this.root.querySelector("meter");
    meter.hidden = !audio;
    if (!audio) return;
    this.#level = levelOf(audio);
    this.#timer = setInterval(() => {
      meter.value = this.#level();
    }, METER);
  }

  #chosen(which) {
    const video = which.endsWith("video");
    if (which === "decline") return this.decline();
    const wish = which === "again" || which === "without" ? this.wish : { video };
    const move = which === "move";
    this.elsewhere &&= !move;
    return this.begin({ ...wish, without: which === "without", move: move || Boolean(wish.move) });
  }

  #say(sentence) {
    const said = this.root.querySelector("[data-lobby-fault]");
    said.textContent = sentence;
    said.hidden = !sentence;
  }
}
