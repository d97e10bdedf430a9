// <wb-check>: microphone, camera, speaker, network and notifications, tried one by one.
import { text } from "../lib/page.js";
import { fillChoices, keepChoices } from "./choices.js";
import { playOnChosen } from "./devices.js";
import { levelOf } from "./level.js";
import { Media } from "./media.js";
import { networkKey } from "./network.js";
import { sample } from "./tones.js";

const METER = 100;

class Check extends HTMLElement {
  #media = new Media();
  #stop = new AbortController();
  #meter = 0;

  connectedCallback() {
    const { signal } = this.#stop;
    keepChoices(this, (kind) => this.#chosen(kind), signal);
    this.addEventListener("click", ({ target }) => this.#check(target.closest("[data-check]")), { signal });
    addEventListener("pagehide", () => this.#media.stop(), { signal });
    this.#desktop();
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.#media.stop();
    clearInterval(this.#meter);
  }

  async #check(button) {
    if (!button) return;
    const { check } = button.dataset;
    button.disabled = true;
    await this[`${check}`]().catch(({ key }) => this.#say(check, text(key ?? "no_server"), false));
    button.disabled = false;
    await fillChoices(this);
  }

  async microphone() {
    await this.#media.openMicrophone();
    const level = levelOf(this.#media.audio);
    const meter = this.querySelector("meter");
    meter.hidden = false;
    clearInterval(this.#meter);
    this.#meter = setInterval(() => {
      meter.value = level();
    }, METER);
    this.#say("microphone", text("mic_fine"));
  }

  async camera() {
    await this.#media.openCamera();
    const video = this.querySelector("video");
    video.hidden = false;
    video.srcObject = new MediaStream([this.#media.video]);
    this.#say("camera", text("camera_fine"));
  }

  async speaker() {
    const sound = new Audio(URL.createObjectURL(sample()));
    await playOnChosen(sound);
    await sound.play();
    sound.addEventListener("ended", () => URL.revokeObjectURL(sound.src));
  }

  async network() {
    this.#say("network", text("checking"));
    const { key, fine } = await networkKey(this.dataset.ice);
    this.#say("network", text(key), fine);
  }

  async desktop() {
    await Notification.requestPermission();
    this.#desktop();
  }

  #desktop() {
    const permission = globalThis.Notification?.permission ?? "unknown";
    this.querySelector('[data-check="desktop"]').hidden = permission !== "default";
    this.#say("desktop", text(`desktop_${permission}`), permission !== "denied");
  }

  async #chosen(kind) {
    const open = { audioinput: this.#media.audio && "microphone", videoinput: this.#media.status.camera && "camera" }[kind];
    if (open) await this[open]().catch(({ key }) => this.#say(open, text(key), false));
  }

  #say(what, sentence, fine = true) {
    const said = this.querySelector(`[data-said="${what}"]`);
    said.textContent = sentence;
    said.dataset.fine = String(fine);
  }
}

customElements.define("wb-check", Check);
