// @ts-check
// <wb-check>: microphone, camera, speaker, network and notifications, tried one by one.
import { need } from "../lib/dom.js";
import { text } from "../lib/page.js";
import { fillChoices, keepChoices } from "./choices.js";
import { playOnChosen } from "./devices.js";
import { levelOf } from "./level.js";
import { Fault, Media } from "./media.js";
import { tryNetwork } from "./network.js";
import { sample } from "./ringback.js";
import { Ways } from "./ice-config.js";

// Louder than a quiet room.
const HEARD = 0.04;
const SILENT = 6_000;
const METER = 80;

class Check extends HTMLElement {
  #media = new Media();
  #sound = new Audio();
  /** @type {Level | null} */
  #level = null;
  #since = 0;

  connectedCallback() {
    this.#media.addEventListener("lost", ({ detail: name }) => this.#lost(name));
    this.addEventListener("click", ({ target }) => this.#clicked(target));
    addEventListener("pagehide", () => this.#media.stop());
    setInterval(() => this.#measure(), METER);
    keepChoices(this, (kind) => this.#chosen(kind));
    this.#sound.src = URL.createObjectURL(sample());
    this.#say("speaker", "wait", text("check_sound"));
    this.desktop();
    this.network();
    this.#devices();
  }

  // One question of the browser after the other; what has a name is known after them.
  async #devices() {
    await this.microphone();
    await this.camera();
    await fillChoices(this);
  }

  microphone() {
    return this.#device("microphone", () => this.#media.openMicrophone(), () => this.#listen());
  }

  camera() {
    return this.#device("camera", () => this.#media.openCamera(), () => this.#look());
  }

  async speaker() {
    try {
      await playOnChosen(this.#sound);
      this.#sound.currentTime = 0;
      await this.#sound.play();
      this.#say("speaker", "good", text("check_sounding"));
    } catch {
      this.#say("speaker", "bad", text("check_no_sound"));
    }
  }

  async network() {
    this.#say("network", "wait", text("check_network"));
    try {
      const { key, state, servers } = await tryNetwork(await new Ways(this.dataset.ice ?? "").configuration());
      this.#say("network", state, text(key, { servers }));
    } catch {
      this.#say("network", "bad", text("no_server"));
    }
  }

  desktop() {
    const permission = globalThis.Notification?.permission ?? "unable";
    this.#say("desktop", permission === "granted" ? "good" : "warn", text(`check_desktop_${permission}`));
    need(this, "[data-desktop]").hidden = permission !== "default";
  }

  /** @param {HTMLElement} target */
  #clicked(target) {
    const again = target.closest("[data-again]");
    if (again) this.#again(again.dataset.again);
    else if (target.closest("[data-play]")) this.speaker();
    else if (target.closest("[data-desktop] button")) Notification.requestPermission().then(() => this.desktop());
  }

  /** @param {string | undefined} what */
  #again(what) {
    if (what === "microphone") this.microphone();
    else if (what === "camera") this.camera();
    else if (what === "speaker") this.speaker();
    else if (what === "network") this.network();
  }

  /** @param {DeviceKind} kind */
  #chosen(kind) {
    return { audioinput: () => this.microphone(), videoinput: () => this.camera(), audiooutput: () => this.speaker() }[kind]();
  }

  /**
   * @param {DeviceName} name
   * @param {() => Promise<unknown>} open
   * @param {() => void} then
   */
  async #device(name, open, then) {
    this.#say(name, "wait", text("check_asking"));
    try {
      await open();
      then();
    } catch (error) {
      this.#say(name, "bad", text(error instanceof Fault ? error.key : `fault_${name}_other`));
    }
  }

  #listen() {
    this.#level?.stop();
    this.#level = this.#media.audio && levelOf(this.#media.audio);
    this.#since = performance.now();
    this.#say("microphone", "wait", text("check_speak"));
  }

  #look() {
    /** @type {HTMLVideoElement} */ (need(this, "video")).srcObject = this.#media.own;
    need(this, "[data-preview]").toggleAttribute("data-on", Boolean(this.#media.video));
    if (this.#media.video) this.#say("camera", "good", text("check_seen"));
  }

  /** @param {DeviceName} name */
  #lost(name) {
    this.#look();
    this.#say(name, "bad", text(`fault_${name}_gone`));
  }

  #measure() {
    const level = this.#media.audio ? (this.#level?.() ?? 0) : 0;
    need(this, "[data-level]").style.transform = `scaleX(${level.toFixed(3)})`;
    const { state } = need(this, '[data-verdict="microphone"]').dataset;
    if (level > HEARD && state !== "good") this.#say("microphone", "good", text("check_heard"));
    else if (this.#level && state === "wait" && performance.now() - this.#since > SILENT) {
      this.#say("microphone", "warn", text("check_silent"));
    }
  }

  /**
   * @param {string} name
   * @param {"wait" | "good" | "warn" | "bad"} state
   * @param {string} sentence
   */
  #say(name, state, sentence) {
    const verdict = need(this, `[data-verdict="${name}"]`);
    const line = need(verdict, ".verdict__text");
    verdict.dataset.state = state;
    if (line.textContent !== sentence) line.textContent = sentence;
    need(verdict, "[data-again]").hidden = name === "desktop" || !["bad", "warn"].includes(state);
  }
}

customElements.define("wb-check", Check);
