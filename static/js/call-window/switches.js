// @ts-check
// Microphone, camera and screen, on and off, and another device in the middle of a call.
import { text } from "../lib/page.js";
import { fillChoices, keepChoices } from "./choices.js";
import { Fault } from "./media.js";

export class Switches {
  /** @type {Record<string, () => unknown>} */
  #run = {
    mute: () => this.#mute(),
    camera: () => (this.media.status.camera ? this.media.closeCamera() : this.#during("camera", () => this.media.openCamera())),
    screen: () => (this.media.status.screen ? this.media.closeScreen() : this.#during("screen", () => this.media.openScreen())),
  };

  /**
   * `choices`: the popover with the lists of devices; `speaker()` hears that another speaker was chosen.
   * @param {{ media: Media, controls: Controls, said: Said, choices: HTMLElement, speaker: () => void }} parts
   */
  constructor({ media, controls, said, choices, speaker }) {
    this.media = media;
    this.controls = controls;
    this.said = said;
    this.speaker = speaker;
    keepChoices(choices, (kind) => this.#chosen(kind));
    // What has a name is known only after a permission.
    choices.addEventListener("toggle", ({ newState }) => newState === "open" && fillChoices(choices));
    media.addEventListener("lost", ({ detail }) => said.failed(text(`fault_${detail}_gone`)));
    controls.hide("screen", !navigator.mediaDevices?.getDisplayMedia);
  }

  /**
   * Do what a button asks for. Returns whether it is one of these.
   * @param {string} name
   */
  act(name) {
    if (!(name in this.#run)) return false;
    Promise.resolve(this.#run[name]()).catch((error) => this.#failed(error));
    return true;
  }

  // Who came without a microphone has one after the first press.
  async #mute() {
    if (this.media.audio) return this.media.mute(this.media.status.mic);
    await this.#during("mute", () => this.media.openMicrophone());
    return this.media.mute(false);
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   */
  #during(name, work) {
    return this.controls.during(name, work);
  }

  /** @param {DeviceKind} kind */
  async #chosen(kind) {
    try {
      if (kind === "audiooutput") this.speaker();
      if (kind === "audioinput" && this.media.audio) await this.media.openMicrophone();
      if (kind === "videoinput" && this.media.status.camera) await this.media.openCamera();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    this.said.failed(text(error instanceof Fault ? error.key : "no_server"));
  }
}
