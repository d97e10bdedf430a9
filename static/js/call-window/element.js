// @ts-check
// <wb-call>: the call window, from before it rings to after it has ended.
import { meant } from "../ringing/user-intent.js";
import { need } from "../lib/dom.js";
import { nameOf } from "../lib/names.js";
import { json, member, text } from "../lib/page.js";
import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { Entrance } from "./entrance.js";
import { Media } from "./media.js";
import { Said } from "./status-line.js";
import { Session } from "./session.js";
import { Speaking } from "./speaking.js";
import { Stage } from "./stage.js";
import { standing } from "./call-state.js";
import { Switches } from "./switches.js";
import { startRinging, stopRinging } from "./ringback.js";
import { Transport } from "./transport.js";
import { Ways } from "./ice-config.js";
import { endedText } from "./ended-text.js";

// Which parts are there in which state.
const IN_CALL = ["ringing", "connecting", "live", "lost"];
/** @type {Record<string, string[]>} */
const SHOWN = { lobby: ["lobby"], stage: [...IN_CALL, "starting"], controls: IN_CALL, ended: ["ended"] };

export class CallWindow extends HTMLElement {
  /** @type {Transport | null} */
  #transport = null;
  #away = false;
  kind = "";
  isDirect = false;
  /** @type {Media} */
  media;
  /** @type {Ways} */
  ways;
  /** @type {Session} */
  session;
  /** @type {Said} */
  said;
  /** @type {Stage} */
  stage;
  /** @type {Clock} */
  clock;
  /** @type {Controls} */
  controls;
  /** @type {Switches} */
  switches;
  /** @type {Speaking} */
  speaking;
  /** @type {Entrance} */
  entrance;

  connectedCallback() {
    const { calls = "", start = "", ice = "", auto, direct, kind = "" } = this.dataset;
    this.kind = kind;
    this.isDirect = direct === "true";
    this.media = new Media({ small: !this.isDirect });
    this.ways = new Ways(ice);
    /** @type {Snapshot | null} */
    const snapshot = json("call-data", null);
    this.session = new Session({ calls, start, snapshot });
    this.said = new Said({ status: this.$("status"), fault: this.$("fault") });
    this.stage = new Stage(this.$("stage"), { refused: () => this.#show("sound", true) });
    this.clock = new Clock(this.$("time"));
    this.controls = new Controls(this, (name) => this.#act(name));
    this.$("again").addEventListener("click", meant);
    const { media, controls, said } = this;
    this.switches = new Switches({ media, controls, said, choices: this.$("devices"), speaker: () => this.stage.speakers() });
    this.speaking = new Speaking({ peers: () => this.peers(), stage: this.stage, media: this.media });
    this.entrance = new Entrance(this, this.$("lobby"));
    this.#listen();
    this.entrance.arrive(auto);
  }

  /** The connections that are there now. */
  peers() {
    return this.#transport?.peers ?? [];
  }

  /** @param {string} name */
  $(name) {
    return need(this, `[data-part="${name}"]`);
  }

  /** What the viewer calls the other person, or the room. */
  get name() {
    const other = this.session.snapshot?.people.find((one) => one.member !== member);
    return (this.isDirect && other && (nameOf(other.member) ?? other.name)) || this.dataset.name || "";
  }

  #listen() {
    this.session.addEventListener("snapshot", () => this.#changed());
    this.session.addEventListener("signal", ({ detail }) => this.#transport?.receive(detail));
    this.session.addEventListener("gone", ({ detail }) => this.#gone(detail));
    this.session.addEventListener("back", () => this.#transport?.wake());
    this.media.addEventListener("change", () => this.#sends());
  }

  // Whatever the server says of the call is shown; the same for everyone in it.
  #changed() {
    const { snapshot, mine, device } = this.session;
    if (!snapshot) return;
    this.clock.follow(snapshot);
    if (this.dataset.state === "ended") return;
    if (snapshot.state === "ended") this.ended();
    else if (mine?.device === device) this.#follow(snapshot);
    else if (this.dataset.state === "lobby") this.entrance.changed();
  }

  /** @param {Snapshot} snapshot */
  #follow(snapshot) {
    const first = !this.#transport;
    this.stage.show(snapshot.people.filter((one) => one.state === "joined" || one.state === "ringing" || one.lost));
    const transport = (this.#transport ??= this.#connect());
    transport.sync(snapshot, { offers: first }).catch(() => this.said.failed(text("no_server")));
    this.#stand();
  }

  #connect() {
    const { id = 0, device, mediaAddress: address } = this.session;
    /** @param {number | null} one */
    const changed = (one) => this.#arrives(one);
    const transport = new Transport({ call: id, device, media: this.media, ways: this.ways, address, changed });
    this.stage.play(member, this.media.own);
    this.controls.hide("view", this.isDirect);
    this.speaking.start();
    addEventListener("beforeunload", this.#ask);
    return transport;
  }

  /** @param {number | null} id */
  #arrives(id) {
    for (const one of this.session.snapshot?.people ?? []) {
      if (one.member === member || (id !== null && one.member !== id)) continue;
      this.stage.play(one.member, this.#transport?.stream(one.member));
      this.stage.connection(one.member, this.#transport?.state(one.member) ?? "");
    }
    this.#stand();
  }

  // One sentence for the state of the call.
  #stand() {
    const { snapshot } = this.session;
    if (!snapshot || snapshot.state === "ended" || this.dataset.state === "ended") return;
    const others = snapshot.people.filter((one) => one.member !== member && one.state === "joined");
    const states = others.map((one) => this.#transport?.state(one.member) ?? "lost");
    const { state, says } = standing(snapshot, states, this.#away);
    if (state === "dead" && this.isDirect) {
      this.#giveUp();
      return;
    }
    if (state === "ringing") startRinging();
    else stopRinging();
    this.is(state === "dead" ? "lost" : state);
    this.said.now(says && text(says, { name: this.name }));
  }

  #giveUp() {
    this.session.leave();
    this.ended(text("connection_dead"));
  }

  // The server had no sign of life of this page for a while: back into the call, as long as there is one.
  async #comeBack() {
    this.#away = true;
    this.#drop();
    this.#stand();
    const back = await this.session.comeBack(() => this.media.status);
    this.#away = false;
    if (back) return this.#stand();
    await this.session.refresh().catch(() => {});
    return this.ended(text("connection_dead"));
  }

  /** @param {string} reason */
  #gone(reason) {
    if (reason === "lost") return this.#comeBack();
    this.#release();
    if (reason === "over") return this.session.refresh().catch(() => {}).then(() => this.ended());
    return this.ended(text(`gone_${reason}`), { again: false });
  }

  #drop() {
    this.#transport?.close();
    this.#transport = null;
  }

  // Stop all media, so that the devices' lights go out.
  #release() {
    removeEventListener("beforeunload", this.#ask);
    stopRinging();
    this.clock.stop();
    this.speaking.stop();
    this.#drop();
    this.media.stop();
  }

  /**
   * It is over for this page: why, and whether another call makes sense.
   * @param {string} [sentence]
   * @param {{ again?: boolean }} [options]
   */
  ended(sentence = "", { again = true } = {}) {
    if (this.dataset.state === "ended") return;
    this.#release();
    this.stage.clear();
    this.is("ended");
    const { snapshot } = this.session;
    const said = sentence || (snapshot ? endedText(snapshot, this.name) : text("ended"));
    this.$("ended-text").textContent = said;
    this.#show("again", again);
    this.said.now(said);
    this.$("ended").querySelector("a:not([hidden]), button")?.focus();
  }

  #sends() {
    const { mic, camera, screen } = this.media.status;
    this.controls.show({ mute: !mic, camera, screen });
    this.stage.play(member, this.media.own);
    this.session.status({ mic, camera, screen });
    this.entrance.lobby.changed();
  }

  /** @param {string} name */
  #act(name) {
    if (this.switches.act(name)) return;
    if (name === "hang-up") this.#hangUp();
    else if (name === "view") this.#look();
    else if (name === "sound") this.#sound();
    else if (name === "close") window.close();
  }

  #hangUp() {
    const rings = this.session.snapshot?.state === "ringing";
    this.session.leave();
    const { length } = this.clock;
    if (rings) this.ended(text("ended_you_cancelled"));
    else if (this.isDirect) this.ended(length ? text("ended_after", { length }) : text("ended"));
    else this.ended(text("you_left"));
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

  /**
   * @param {string} part
   * @param {boolean} shown
   */
  #show(part, shown) {
    this.$(part).hidden = !shown;
  }

  /**
   * Show what belongs to a state: lobby, starting, ringing, connecting, live, lost, ended.
   * @param {string} state
   */
  is(state) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    for (const [part, states] of Object.entries(SHOWN)) this.#show(part, states.includes(state));
  }

  /** @param {Event} event */
  #ask = (event) => event.preventDefault();
}

customElements.define("wb-call", CallWindow);
