// @ts-check
// The way into a call: by itself, through the lobby, or back into it; and what happens when it is closed.
import { text } from "../lib/page.js";
import { wasMeant } from "../ringing/user-intent.js";
import { allowed } from "./devices.js";
import { Lobby } from "./lobby.js";
import { ready } from "./ready.js";

// How often a waiting window polls the state of the call.
const AGAIN = 5_000;

export class Entrance {
  /**
   * `page`: the window, with its `session`, `media`, `ways` and `said`; `root` holds the lobby.
   * @param {CallWindow} page
   * @param {HTMLElement} root
   */
  constructor(page, root) {
    this.page = page;
    // A push is a hint: a call that rings or goes on may have ended unheard.
    setInterval(() => page.dataset.state === "lobby" && page.session.refresh().catch(() => {}), AGAIN);
    this.lobby = new Lobby(root, { media: page.media, begin: (wish) => this.begin(wish), decline: () => this.#decline() });
  }

  /**
   * How the window was opened decides what it does by itself.
   * @param {string | undefined} auto
   */
  arrive(auto) {
    const { snapshot, wasHere, sent } = this.page.session;
    if (snapshot?.state === "ended") return this.page.ended();
    if (wasHere) return this.begin({ video: sent.camera, muted: !sent.mic, move: true });
    if (auto && wasMeant()) return this.begin({ video: auto === "video" || (auto === "start" && this.page.kind === "video") });
    return this.wait();
  }

  /** The lobby: what goes on, what failed, and the buttons for it. */
  wait(fault = "", aboutMedia = false) {
    const { page } = this;
    page.is("lobby");
    page.said.now("");
    this.lobby.show({ snapshot: page.session.snapshot, kind: page.kind, fault, aboutMedia, name: page.name });
  }

  /** The call has changed while the window waits. */
  changed() {
    this.wait(this.lobby.fault, this.lobby.aboutMedia);
  }

  /**
   * Start, answer or join. Media first: without a microphone nothing rings.
   * @param {Wish} wish
   */
  async begin({ video = false, without = false, muted = false, move = false }) {
    const { page } = this;
    const { media, session } = page;
    page.is("starting");
    page.said.now(text("preparing"));
    this.lobby.changed();
    page.ways.configuration().catch(() => {});
    if (muted) media.mute(true);
    if (!video) media.closeCamera();
    /** @param {Fault} fault */
    const failed = ({ key }) => page.said.failed(text(key));
    const opening = without ? Promise.resolve() : ready(media, video, failed);
    try {
      // Who answers, and may use the microphone without a question, need not wait for it.
      if (!session.snapshot || !(await allowed("microphone"))) await opening;
      await this.#enter({ move, mic: !without && !muted, camera: video });
    } catch (error) {
      opening.catch(() => {});
      return this.#refused(error, { video, muted, move });
    }
    return opening.catch(failed).then(() => session.status(media.status));
  }

  /** @param {{ move: boolean, mic: boolean, camera: boolean }} wish */
  #enter(wish) {
    const { session, kind, dataset } = this.page;
    return session.snapshot ? session.join(wish) : session.start({ ...wish, room: dataset.room ?? "", kind });
  }

  /**
   * @param {any} error
   * @param {Wish} wish
   */
  #refused(error, wish) {
    const { page, lobby } = this;
    // The current state tells how it ended.
    if (error.code === "over") return page.session.refresh().catch(() => page.ended());
    lobby.wish = wish;
    lobby.elsewhere = error.code === "elsewhere";
    if (!error.key && !lobby.elsewhere) page.media.stop();
    return this.wait(error.key ? text(error.key) : (error.code && error.message) || text("no_server"), Boolean(error.key));
  }

  async #decline() {
    const { session } = this.page;
    await session.decline().catch(() => {});
    await session.refresh().catch(() => {});
  }
}
