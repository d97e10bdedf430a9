// <wb-call>: the call window, from before it rings to after it has ended.
import { applyNames, nameOf } from "../lib/names.js";
import { json, member, text } from "../lib/page.js";
import { keepChoices } from "./choices.js";
import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { canChooseSpeaker } from "./devices.js";
import { Lobby } from "./lobby.js";
import { Media } from "./media.js";
import { Session } from "./session.js";
import { Speaking } from "./speaking.js";
import { Stage } from "./stage.js";
import { startRinging, stopRinging } from "./tones.js";
import { Transport } from "./transport.js";
import { Ways } from "./ways.js";
import { endedText } from "./words.js";

// So long a page that the server has lost tries to come back.
const COME_BACK = 20_000;

class CallWindow extends HTMLElement {
  #transport = null;
  #comingBack = false;

  connectedCallback() {
    const { calls, start, ice, auto, direct, kind } = this.dataset;
    this.stop = new AbortController();
    this.kind = kind;
    this.isDirect = direct === "true";
    this.media = new Media({ small: !this.isDirect });
    this.ways = new Ways(ice);
    this.session = new Session({ calls, start, snapshot: json("call-data", null) });
    this.stage = new Stage(this.$("stage"), { refused: () => this.#show("sound", true) });
    this.clock = new Clock(this.$("time"));
    this.controls = new Controls(this, (name) => this.#act(name));
    this.speaking = new Speaking({ peers: () => this.peers(), stage: this.stage, media: this.media });
    this.lobby = new Lobby(this.$("lobby"), { media: this.media, begin: (wish) => this.#begin(wish), decline: () => this.#decline() });
    keepChoices(this.$("devices"), (chosen) => this.#chosen(chosen), this.stop.signal);
    this.#listen();
    this.#arrive(auto);
  }

  /** The connections that are there now. */
  peers() {
    return this.#transport?.peers ?? [];
  }

  $(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  get #name() {
    const other = this.session.snapshot?.people.find((one) => one.member !== member);
    return (this.isDirect && other && (nameOf(other.member) ?? other.name)) || this.dataset.name;
  }

  #listen() {
    this.session.addEventListener("snapshot", () => this.#changed());
    this.session.addEventListener("signal", ({ detail }) => this.#transport?.receive(detail));
    this.session.addEventListener("gone", ({ detail }) => this.#gone(detail));
    this.session.addEventListener("back", () => this.#transport?.wake());
    this.media.addEventListener("change", () => this.#sends());
    this.media.addEventListener("lost", ({ detail }) => this.#say(text(`fault_${detail}_gone`), true));
  }

  // How the window was opened decides what it does by itself.
  #arrive(auto) {
    const { snapshot } = this.session;
    if (snapshot?.state === "ended") return this.#ended();
    if (this.session.wasHere) return this.#begin({ video: snapshot.people.some((one) => one.member === member && one.camera), move: true });
    if (auto) return this.#begin({ video: auto === "video" || (auto === "start" && this.kind === "video") });
    return this.#wait();
  }

  // The lobby: what goes on, and the buttons for it.
  #wait(fault = "") {
    this.#is("lobby");
    this.lobby.show({ snapshot: this.session.snapshot, kind: this.kind, fault, name: this.#name });
  }

  // Media first: who cannot be heard rings nobody.
  async #begin({ video = false, without = false, move = false }) {
    this.#is("starting");
    this.#say(text("preparing"));
    this.ways.configuration().catch(() => {});
    try {
      if (!without) await this.#open(video);
      await this.#enter({ video, move });
    } catch (error) {
      this.#refused(error, { video, move });
    }
  }

  async #open(video) {
    if (!this.media.audio) await this.media.openMicrophone();
    if (!video || this.media.status.camera) return;
    // Without a camera one can still be heard.
    await this.media.openCamera().catch((error) => this.#later(error));
  }

  #later({ key }) {
    this.fault = text(key);
  }

  async #enter({ move }) {
    const { mic, camera } = this.media.status;
    if (this.session.snapshot) await this.session.join({ move, mic, camera });
    else await this.session.start({ room: this.dataset.room, kind: this.kind });
    if (!this.session.joined) return;
    this.session.status(this.media.status);
    if (this.fault) this.#say(this.fault, true);
    this.fault = "";
  }

  #refused(error, wish) {
    if (error.code === "over") return this.session.refresh().catch(() => this.#ended());
    this.lobby.wish = wish;
    const sentence = error.key ? text(error.key) : error.code ? error.message : text("no_server");
    this.lobby.elsewhere = error.code === "elsewhere";
    if (!error.key && !this.lobby.elsewhere) this.media.stop();
    return this.#wait(sentence);
  }

  async #decline() {
    await this.session.decline().catch(() => {});
    await this.session.refresh().catch(() => {});
  }

  // Whatever the server says of the call is shown; the same for everyone in it.
  #changed() {
    const { snapshot, joined } = this.session;
    if (snapshot.state === "ended") return this.#ended();
    if (!joined) {
      const mine = snapshot.people.find((one) => one.member === member);
      if (mine?.device !== this.session.device) return this.dataset.state === "lobby" && this.#wait();
    }
    const first = !this.#transport;
    this.stage.show(snapshot.people.filter((one) => one.state === "joined" || one.state === "ringing" || one.lost));
    if (first) this.#connect();
    this.#transport.sync(snapshot, { offers: first }).catch((error) => this.#say(text("no_server"), error));
    this.#standing();
  }

  #connect() {
    const { id, device } = this.session;
    const address = this.session.mediaAddress;
    this.#transport = new Transport({ call: id, device, media: this.media, ways: this.ways, address, changed: (one) => this.#arrives(one) });
    this.stage.play(member, this.#own());
    this.controls.hide("view", this.isDirect);
    this.speaking.start();
    addEventListener("beforeunload", this.#ask);
  }

  #arrives(id) {
    for (const one of this.session.snapshot.people) {
      if (one.member === member || (id !== null && one.member !== id)) continue;
      this.stage.play(one.member, this.#transport?.stream(one.member));
      this.stage.connection(one.member, this.#transport?.state(one.member) ?? "");
    }
    this.#standing();
  }

  // One sentence for how the call stands.
  #standing() {
    const { snapshot } = this.session;
    if (!snapshot || !this.#transport || snapshot.state === "ended") return;
    const others = snapshot.people.filter((one) => one.member !== member && one.state === "joined");
    const states = others.map((one) => this.#transport.state(one.member));
    const lost = snapshot.people.find((one) => one.lost && one.member !== member);
    if (snapshot.state === "ringing") this.#ringing();
    else stopRinging();
    // Who heard it ring knows when it was answered; for the others the server's clock is near enough.
    if (snapshot.answered_at) this.clock.start(this.heardRinging ? Date.now() : Math.min(Date.parse(snapshot.answered_at), Date.now()));
    if (snapshot.state === "ringing") return;
    if (this.#comingBack || states.includes("lost") || (lost && !others.length)) return this.#now("lost", text("connection_lost"));
    if (states.includes("dead")) return this.#dead(others.length);
    if (!others.length) return this.#now("live", text("alone"));
    if (states.includes("connecting") && !states.includes("connected")) return this.#now("connecting", text("connecting"));
    return this.#now("live", "");
  }

  #ringing() {
    startRinging();
    this.heardRinging = true;
    this.#now("ringing", text("ringing", { name: this.#name }));
  }

  #dead(count) {
    if (!this.isDirect || count !== 1) return this.#now("lost", text("connection_dead"));
    this.session.leave();
    return this.#ended(text("connection_dead"));
  }

  #now(state, sentence) {
    this.#is(state);
    this.#say(sentence);
  }

  #gone(reason) {
    if (reason === "lost") return this.#comeBack();
    this.#release();
    if (reason === "over") return this.session.refresh().catch(() => this.#ended());
    return this.#ended(text(`gone_${reason}`));
  }

  // The server had no sign of life of this page for a while: back into the call, as long as there is one.
  async #comeBack() {
    this.#comingBack = true;
    const until = performance.now() + COME_BACK;
    this.#standing();
    while (performance.now() < until) {
      try {
        this.#drop();
        await this.session.join({ move: true, ...this.media.status });
        this.#comingBack = false;
        return this.#standing();
      } catch (error) {
        if (error.code && error.code !== "unavailable") break;
        await new Promise((done) => setTimeout(done, 1_000));
      }
    }
    this.#comingBack = false;
    return this.session.refresh().catch(() => {}).then(() => this.#ended(text("connection_dead")));
  }

  #drop() {
    this.#transport?.close();
    this.#transport = null;
  }

  #release() {
    removeEventListener("beforeunload", this.#ask);
    stopRinging();
    this.clock.stop();
    this.speaking.stop();
    this.#drop();
    this.media.stop();
  }

  #ended(sentence = "") {
    if (this.dataset.state === "ended") return;
    this.#release();
    this.stage.clear();
    this.#is("ended");
    const { snapshot } = this.session;
    this.$("ended-text").textContent = sentence || (snapshot ? endedText(snapshot, this.#name) : text("ended"));
    this.#say(this.$("ended-text").textContent);
    this.$("ended").querySelector("a, button")?.focus();
  }

  #sends() {
    const { mic, camera, screen } = this.media.status;
    this.controls.show({ mute: !mic, camera, screen });
    this.stage.play(member, this.#own());
    this.session.status({ mic, camera, screen });
    this.lobby.changed();
  }

  #own() {
    const { video } = this.media;
    if (video === this.ownVideo && this.ownStream) return this.ownStream;
    this.ownVideo = video;
    this.ownStream = new MediaStream(video ? [video] : []);
    return this.ownStream;
  }

  async #act(name) {
    const { mic, camera, screen } = this.media.status;
    try {
      if (name === "hang-up") return this.#hangUp();
      if (name === "mute") {
        if (!this.media.audio) await this.controls.during(name, () => this.media.openMicrophone());
        return this.media.mute(mic && Boolean(this.media.audio));
      }
      if (name === "camera") return camera ? this.media.closeCamera() : await this.controls.during(name, () => this.media.openCamera());
      if (name === "screen") return screen ? this.media.closeScreen() : await this.controls.during(name, () => this.media.openScreen());
      if (name === "view") return this.#look();
      if (name === "sound") return this.#sound();
      if (name === "close") return window.close();
    } catch (error) {
      this.#say(error.key ? text(error.key) : text("no_server"), true);
    }
    return undefined;
  }

  #hangUp() {
    const { snapshot } = this.session;
    this.session.leave();
    const ringing = snapshot?.state === "ringing";
    const own = { ...snapshot, ended_at: new Date().toISOString(), outcome: ringing ? "cancelled" : "ended" };
    this.#ended(this.isDirect ? endedText(own, this.#name) : text("you_left"));
  }

  #look() {
    const speaker = this.stage.view !== "speaker";
    this.stage.look(speaker ? "speaker" : "grid");
    this.controls.show({ view: speaker });
    this.$("view-label").textContent = text(speaker ? "grid_view" : "speaker_view");
  }

  #sound() {
    this.stage.playAll();
    this.#show("sound", false);
  }

  async #chosen(kind) {
    if (kind === "audiooutput" && canChooseSpeaker) return this.stage.speakers();
    try {
      if (kind === "audioinput" && this.media.audio) await this.media.openMicrophone();
      if (kind === "videoinput" && this.media.status.camera) await this.media.openCamera();
    } catch (error) {
      this.#say(text(error.key), true);
    }
    return undefined;
  }

  #show(part, shown) {
    this.$(part).hidden = !shown;
  }

  #is(state) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    for (const [part, states] of Object.entries(SHOWN)) this.#show(part, states.includes(state));
    applyNames(this);
  }

  #say(sentence, stays = false) {
    const status = this.$("status");
    clearTimeout(this.saying);
    if (stays) {
      // A fault is read before what goes on is shown again.
      this.$("fault").textContent = sentence;
      this.#show("fault", true);
      this.saying = setTimeout(() => this.#show("fault", false), 8_000);
      return;
    }
    if (status.textContent !== sentence) status.textContent = sentence;
    status.hidden = !sentence;
  }

  #ask = (event) => event.preventDefault();
}

// Which parts are there in which state.
const IN_CALL = ["ringing", "connecting", "live", "lost"];
const SHOWN = { lobby: ["lobby"], stage: [...IN_CALL, "starting"], controls: IN_CALL, ended: ["ended"] };

customElements.define("wb-call", CallWindow);
