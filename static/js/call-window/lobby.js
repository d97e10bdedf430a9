// @ts-check
// Before the call: who it is with, the own picture and voice, what fails and what to do about it.
import { need } from "../lib/dom.js";
import { member, text } from "../lib/page.js";
import { allowed } from "./devices.js";
import { levelOf } from "./level.js";

const METER = 80;

export class Lobby {
  /** @type {Level | null} */
  #level = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  #timer = 0;

  /**
   * `begin({video, without, muted, move})` starts, answers or joins; `decline()` does not.
   * @param {HTMLElement} root
   * @param {{ media: Media, begin: (wish: Wish) => unknown, decline: () => unknown }} parts
   */
  constructor(root, { media, begin, decline }) {
    this.root = root;
    this.media = media;
    this.begin = begin;
    this.decline = decline;
    /** @type {Wish} */
    this.wish = {};
    this.elsewhere = false;
    this.fault = "";
    this.aboutMedia = false;
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-begin]");
      if (button) this.#chosen(button.dataset.begin ?? "");
    });
  }

  /**
   * Show the buttons that fit. `snapshot` is null before anybody is rung; `fault` says what went wrong.
   * @param {object} call
   * @param {Snapshot | null} call.snapshot
   * @param {string} call.kind
   * @param {string} call.fault
   * @param {boolean} call.aboutMedia
   * @param {string} call.name
   */
  show({ snapshot, kind, fault, aboutMedia, name }) {
    this.fault = fault;
    this.aboutMedia = aboutMedia;
    const mine = snapshot?.people.find((one) => one.member === member);
    const rings = Boolean(snapshot?.direct) && mine?.state === "ringing";
    this.elsewhere ||= mine?.state === "joined";
    const open = !this.elsewhere && !fault;
    const shown = {
      voice: open && !snapshot && kind === "voice",
      video: open && !snapshot && kind === "video",
      accept: open && rings,
      "accept-video": open && rings,
      decline: rings && !this.elsewhere,
      join: open && Boolean(snapshot) && !rings,
      "join-video": open && Boolean(snapshot) && !rings,
      move: this.elsewhere,
      again: Boolean(fault) && !this.elsewhere,
      without: Boolean(fault) && aboutMedia && !this.elsewhere,
    };
    for (const [which, there] of Object.entries(shown)) need(this.root, `[data-begin="${which}"]`).hidden = !there;
    this.#say(fault || (this.elsewhere ? text("elsewhere") : ""));
    need(this.root, "[data-lobby-title]").textContent = text(rings ? "is_calling" : "call_with", { name });
    this.changed();
    if (open) this.#preview(kind);
  }

  /** What is sent has changed: the meter and the picture follow it. */
  changed() {
    const { audio, video, own } = this.media;
    const preview = need(this.root, "[data-preview]");
    preview.hidden = !video;
    // In the call it is shown elsewhere.
    /** @type {HTMLVideoElement} */ (need(preview, "video")).srcObject = video && !this.root.hidden ? own : null;
    if (audio === this.#track) return;
    this.#level?.stop();
    clearInterval(this.#timer);
    this.#track = audio;
    const meter = need(this.root, "[data-meter]");
    meter.hidden = !audio;
    if (!audio) return;
    this.#level = levelOf(audio);
    this.#timer = setInterval(() => this.#measure(meter), METER);
  }

  /**
   * Not visible during the call.
   * @param {HTMLElement} meter
   */
  #measure(meter) {
    if (!this.root.hidden) need(meter, ":scope > *").style.transform = `scaleX(${(this.#level?.() ?? 0).toFixed(3)})`;
  }

  /**
   * Seen and heard before the call, where the browser need not ask for it.
   * @param {string} kind
   */
  async #preview(kind) {
    if (!this.media.audio && (await allowed("microphone"))) this.media.openMicrophone().catch(() => {});
    if (kind === "video" && !this.media.video && (await allowed("camera")) && !this.root.hidden) {
      this.media.openCamera().catch(() => {});
    }
  }

  /** @param {string} which */
  #chosen(which) {
    if (which === "decline") return this.decline();
    const wish = which === "again" || which === "without" ? this.wish : { video: which.endsWith("video") };
    const move = which === "move" || Boolean(wish.move);
    this.elsewhere = false;
    return this.begin({ ...wish, without: which === "without", move });
  }

  /** @param {string} sentence */
  #say(sentence) {
    const said = need(this.root, "[data-lobby-fault]");
    said.textContent = sentence;
    said.hidden = !sentence;
    said.toggleAttribute("data-quiet", this.elsewhere);
  }
}
