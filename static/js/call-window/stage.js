// @ts-check
// The people of the call on the screen: one tile each, in the order they came, never rebuilt while they stay.
import { need } from "../lib/dom.js";
import { fragment } from "../lib/html.js";
import { nameOf } from "../lib/names.js";
import { member, text } from "../lib/page.js";
import { playOnChosen } from "./devices.js";
import { tiling } from "./tiling.js";

/** @typedef {HTMLElement & { person?: Person }} Tile */

export class Stage {
  /** @type {Map<number, Tile>} */
  #tiles = new Map();
  /** @type {number | null} */
  #speaker = null;

  /**
   * `root` holds the tiles; `refused` hears when the browser does not play sound without a click.
   * @param {HTMLElement} root
   * @param {{ refused: () => void }} parts
   */
  constructor(root, { refused }) {
    this.root = root;
    this.refused = refused;
    this.view = "grid";
    document.addEventListener("wb:names", () => this.#name());
    new ResizeObserver(() => this.#fit()).observe(root);
  }

  /**
   * Show exactly these people of a snapshot.
   * @param {Person[]} people
   */
  show(people) {
    const wanted = new Set(people.map((one) => one.member));
    for (const [id, tile] of this.#tiles) if (!wanted.has(id)) this.#remove(id, tile);
    for (const one of people) this.#update(this.#tiles.get(one.member) ?? this.#add(one), one);
    this.#arrange();
  }

  /**
   * What arrives of a person, or of one's own camera.
   * @param {number} id
   * @param {MediaStream | undefined} stream
   */
  play(id, stream) {
    const video = this.#tiles.get(id)?.querySelector("video");
    if (!video) return;
    if (video.srcObject !== stream) video.srcObject = stream ?? null;
    if (!stream) return;
    if (id !== member) playOnChosen(video);
    video.play().catch((error) => error.name === "NotAllowedError" && this.refused());
  }

  /** Play everything again, now that the person has clicked. */
  playAll() {
    for (const video of this.root.querySelectorAll("video")) video.play().catch(() => {});
  }

  speakers() {
    for (const [id, tile] of this.#tiles) if (id !== member) playOnChosen(videoIn(tile));
  }

  /**
   * How the connection with a person is: "connected", "connecting", "lost", "dead".
   * @param {number} id
   * @param {ConnectionState | ""} state
   */
  connection(id, state) {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    tile.dataset.connection = state;
    this.#lost(tile);
  }

  /**
   * The sound track of each other person that arrives, by member.
   * @returns {Map<number, MediaStreamTrack>}
   */
  sounds() {
    const found = new Map();
    for (const [id, tile] of this.#tiles) {
      const [track] = streamOf(tile)?.getAudioTracks() ?? [];
      if (track && id !== member) found.set(id, track);
    }
    return found;
  }

  /**
   * Mark who speaks; the loudest comes to the front in the speaker view.
   * @param {Map<number | null, number>} levels
   */
  speaking(levels) {
    /** @type {number | null} */
    let loudest = null;
    for (const [id, tile] of this.#tiles) {
      const level = levels.get(id) ?? 0;
      tile.toggleAttribute("data-speaking", level > 0.02);
      if (id !== member && level > 0.02 && level > (levels.get(loudest) ?? 0)) loudest = id;
    }
    if (loudest === null || loudest === this.#speaker) return;
    this.#speaker = loudest;
    this.#arrange();
  }

  /** @param {"grid" | "speaker"} view */
  look(view) {
    this.view = view;
    this.#arrange();
  }

  clear() {
    for (const [id, tile] of this.#tiles) this.#remove(id, tile);
    this.#arrange();
  }

  /** @param {Person} one */
  #add(one) {
    const tile = /** @type {Tile} */ (fragment(one.html).firstElementChild);
    this.#tiles.set(one.member, tile);
    this.root.append(tile);
    const video = videoIn(tile);
    if (one.member === member) {
      tile.dataset.me = "";
      need(tile, ".tile__name").textContent = text("you");
      video.muted = true;
    }
    // A picture is shown when there is one: a track that is not sent yet has no size.
    for (const type of ["loadedmetadata", "resize", "emptied"]) {
      video.addEventListener(type, () => this.#picture(tile));
    }
    this.#label(tile, one);
    return tile;
  }

  /**
   * @param {Tile} tile
   * @param {Person} one
   */
  #update(tile, one) {
    Object.assign(tile.dataset, { camera: one.camera, screen: one.screen, lost: one.lost });
    tile.person = one;
    this.#mark(tile, "muted", one.state === "joined" && !one.mic);
    this.#mark(tile, "screen", one.screen);
    this.#lost(tile);
    this.#mark(tile, "ringing", one.state === "ringing");
    this.#picture(tile);
  }

  /** @param {Tile} tile */
  #picture(tile) {
    const { camera, screen } = tile.dataset;
    const video = videoIn(tile);
    tile.toggleAttribute("data-picture", (camera === "true" || screen === "true") && video.videoWidth > 2);
  }

  /** @param {Tile} tile */
  #lost(tile) {
    const { connection, lost } = tile.dataset;
    this.#mark(tile, "lost", ["lost", "dead"].includes(connection ?? "") || lost === "true");
  }

  /**
   * @param {Tile} tile
   * @param {string} name
   * @param {boolean} shown
   */
  #mark(tile, name, shown) {
    const mark = tile.querySelector(`[data-mark="${name}"]`);
    if (mark) mark.hidden = !shown;
  }

  /**
   * @param {number} id
   * @param {Tile} tile
   */
  #remove(id, tile) {
    videoIn(tile).srcObject = null;
    tile.remove();
    this.#tiles.delete(id);
  }

  /**
   * @param {Tile} tile
   * @param {Person} one
   */
  #label(tile, one) {
    videoIn(tile).setAttribute("aria-label", one.member === member ? text("you") : nameOf(one.member) ?? one.name);
  }

  #name() {
    for (const tile of this.#tiles.values()) if (tile.person) this.#label(tile, tile.person);
  }

  // A shared screen comes first, then who spoke last, then the first of the others.
  #arrange() {
    const tiles = [...this.#tiles];
    const others = tiles.filter(([id]) => id !== member);
    const screen = others.find(([, tile]) => tile.dataset.screen === "true")?.[0];
    const speaker = this.#speaker !== null && this.#tiles.has(this.#speaker) ? this.#speaker : others[0]?.[0];
    const large = screen ?? (this.view === "speaker" ? speaker : undefined);
    for (const [id, tile] of tiles) tile.toggleAttribute("data-large", others.length > 1 && id === large);
    const pair = others.length <= 1;
    Object.assign(this.root.dataset, {
      count: String(tiles.length),
      layout: pair ? "pair" : large === undefined ? "grid" : "speaker",
    });
    this.root.style.setProperty("--others", String(tiles.length - 1));
    this.#fit();
  }

  #fit() {
    const { columns, rows } = tiling(this.#tiles.size, this.root.clientWidth, this.root.clientHeight);
    this.root.style.setProperty("--columns", String(columns));
    this.root.style.setProperty("--rows", String(rows));
  }
}

/**
 * @param {Tile} tile
 * @returns {HTMLVideoElement}
 */
function videoIn(tile) {
  return need(tile, "video");
}

/** @param {Tile} tile */
function streamOf(tile) {
  return /** @type {MediaStream | null} */ (videoIn(tile).srcObject);
}
