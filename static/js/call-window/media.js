// @ts-check
// What this page sends: one sound and one picture, which is the camera's or the screen's.
// Events: "change" when a track or what is switched on has changed; "lost" (detail: "microphone") when a device went.
import { chosen } from "./devices.js";
import { changedMind, mediaFault } from "./faults.js";

/** A device could not be had; `key` names the sentence that says why. */
export class Fault extends Error {
  /** @param {string} key */
  constructor(key) {
    super(key);
    this.key = key;
  }
}

export class Media extends /** @type {Telling<MediaEvents>} */ (EventTarget) {
  /** @type {MediaStreamTrack | null} */
  #audio = null;
  /** @type {MediaStreamTrack | null} */
  #camera = null;
  /** @type {MediaStreamTrack | null} */
  #screen = null;
  #mic = true;
  /** @type {{ track: MediaStreamTrack | null, stream: MediaStream }} */
  #own = { track: null, stream: new MediaStream() };
  // Asked for last: what comes late for an earlier wish is not used.
  #wish = 0;
  #heard = 0;
  #shown = 0;

  /** @param {{ small?: boolean }} [options] */
  constructor({ small = false } = {}) {
    super();
    this.small = small;
  }

  get audio() {
    return this.#audio;
  }

  get video() {
    return this.#screen ?? this.#camera;
  }

  /** The own picture, for this page to show. */
  get own() {
    const track = this.video;
    if (track !== this.#own.track) this.#own = { track, stream: new MediaStream(track ? [track] : []) };
    return this.#own.stream;
  }

  /** What the others see. */
  get status() {
    return { mic: Boolean(this.#audio) && this.#mic, camera: Boolean(this.#camera), screen: Boolean(this.#screen) };
  }

  /** Have the microphone. Throws Fault. */
  async openMicrophone() {
    const wish = ++this.#heard;
    const track = await open("audio", "audioinput", "microphone", SOUND);
    if (wish !== this.#heard) return track.stop();
    return this.#hears(track);
  }

  /** Have the camera. Throws Fault. */
  async openCamera() {
    const wish = ++this.#wish;
    const track = await open("video", "videoinput", "camera", this.#picture);
    if (wish !== this.#wish) return track.stop();
    return this.#sees(track);
  }

  /** Have both with one question of the browser. Without an answer to it nothing has changed. */
  async openBoth() {
    const wishes = [++this.#heard, ++this.#wish];
    const wanted = { audio: chosenOf("audioinput", SOUND), video: chosenOf("videoinput", this.#picture) };
    const stream = await navigator.mediaDevices?.getUserMedia(wanted).catch(() => null);
    if (!stream) return;
    const late = wishes[0] !== this.#heard || wishes[1] !== this.#wish;
    for (const track of stream.getTracks()) {
      if (late) track.stop();
      else if (track.kind === "audio") this.#hears(track);
      else this.#sees(track);
    }
  }

  closeCamera() {
    this.#wish += 1;
    this.#camera?.stop();
    this.#camera = null;
    this.#changed();
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#mic = !muted;
    if (this.#audio) this.#audio.enabled = this.#mic;
    this.#changed();
  }

  /** Ask for a screen, window or tab. Returns whether one is shared now; throws Fault when it could not be had. */
  async openScreen() {
    const wish = ++this.#shown;
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    } catch (error) {
      if (changedMind(error)) return false;
      throw new Fault("fault_screen");
    }
    const [track] = stream.getVideoTracks();
    // Chosen when the call was over already.
    if (wish !== this.#shown) {
      track.stop();
      return false;
    }
    this.closeScreen();
    this.#screen = track;
    track.contentHint = "detail";
    // The browser has a button of its own to stop it.
    track.addEventListener("ended", () => track === this.#screen && this.closeScreen());
    this.#changed();
    return true;
  }

  closeScreen() {
    if (!this.#screen) return;
    this.#screen.stop();
    this.#screen = null;
    this.#changed();
  }

  /** Let go of everything: the lights of the devices go out. */
  stop() {
    this.#wish += 1;
    this.#heard += 1;
    this.#shown += 1;
    for (const track of [this.#audio, this.#camera, this.#screen]) track?.stop();
    this.#audio = this.#camera = this.#screen = null;
    this.#changed();
  }

  get #picture() {
    const [width, height] = this.small ? [640, 360] : [1280, 720];
    return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 24, max: 30 } };
  }

  /** @param {MediaStreamTrack} track */
  #hears(track) {
    this.#audio?.stop();
    this.#audio = track;
    track.enabled = this.#mic;
    track.addEventListener("ended", () => this.#gone("microphone", track));
    this.#changed();
  }

  /** @param {MediaStreamTrack} track */
  #sees(track) {
    this.#camera?.stop();
    this.#camera = track;
    track.contentHint = "motion";
    track.addEventListener("ended", () => this.#gone("camera", track));
    this.#changed();
  }

  /**
   * @param {DeviceName} what
   * @param {MediaStreamTrack} track
   */
  #gone(what, track) {
    if (track === this.#audio) this.#audio = null;
    else if (track === this.#camera) this.#camera = null;
    else return;
    this.#changed();
    this.dispatchEvent(new CustomEvent("lost", { detail: what }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * @param {DeviceKind} kind
 * @param {MediaTrackConstraints} constraints
 * @returns {MediaTrackConstraints}
 */
function chosenOf(kind, constraints) {
  const id = chosen(kind);
  return { ...constraints, deviceId: id && { exact: id } };
}

/**
 * @param {"audio" | "video"} media
 * @param {DeviceKind} kind
 * @param {DeviceName} what
 * @param {MediaTrackConstraints} constraints
 * @returns {Promise<MediaStreamTrack>}
 */
async function open(media, kind, what, constraints) {
  const id = chosen(kind);
  try {
    return await first(media, chosenOf(kind, constraints));
  } catch (error) {
    // The chosen one is not plugged in today: any other will do.
    if (id && ["OverconstrainedError", "NotFoundError"].includes(/** @type {Error} */ (error)?.name)) {
      return first(media, constraints).catch((other) => fail(other, what));
    }
    return fail(error, what);
  }
}

/**
 * @param {"audio" | "video"} media
 * @param {MediaTrackConstraints} constraints
 */
async function first(media, constraints) {
  const stream = await navigator.mediaDevices.getUserMedia({ [media]: constraints });
  return stream.getTracks()[0];
}

/**
 * @param {unknown} error
 * @param {DeviceName} what
 * @returns {never}
 */
function fail(error, what) {
  throw new Fault(mediaFault(error, what));
}
