// @ts-check
// <wb-timeline>: the open conversation. Puts the parts of ../timeline/ together and listens to the socket.
import { isLookedAt } from "../lib/attention.js";
import { need } from "../lib/dom.js";
import { member } from "../lib/page.js";
import { live } from "../live.js";
import { outbox } from "../outbox.js";
import { CatchUp } from "../timeline/catchup.js";
import { decorate } from "../timeline/decorate.js";
import { markMessage, Middle } from "../timeline/detached-window.js";
import { goneNotice } from "../timeline/gone.js";
import { Newer } from "../timeline/newer.js";
import { Older } from "../timeline/older.js";
import { lastSeq, put, replaceAll } from "../timeline/order.js";
import { removePending, showAllPending, showPending } from "../timeline/pending.js";
import { Pill } from "../timeline/pill.js";
import { Reading } from "../timeline/reading.js";
import { Reads } from "../timeline/reads.js";
import { Scroll } from "../timeline/scroll.js";
import { Typing } from "../timeline/typing.js";

class Timeline extends HTMLElement {
  #stop = new AbortController();
  /** @type {Scroll} */
  #scroll;
  /** @type {number | null} */
  #newAfter = null;
  #gone = false;

  room = 0;
  /** @type {HTMLElement} */
  log;
  /** @type {Pill} */
  pill;
  /** @type {Reading} */
  reading;
  /** @type {Reads} */
  reads;
  /** @type {Typing} */
  typing;
  /** @type {CatchUp} */
  catchUp;
  /** @type {Older} */
  older;
  /** @type {Newer | null} */
  newer = null;
  /** @type {Middle | null} */
  middle = null;

  connectedCallback() {
    const { room, rev, read, newAfter, changes = "", timeline = "" } = this.dataset;
    this.room = Number(room);
    this.log = need(this, "[data-log]");
    this.pill = new Pill(need(this, "[data-pill]"));
    this.#stop = new AbortController();
    this.reading = new Reading(this.room, Number(read), "marked" in this.dataset);
    this.#newAfter = newAfter === undefined ? null : Number(newAfter);
    this.reads = new Reads("direct" in this.dataset);
    this.typing = new Typing(need(this, "[data-typing]"));
    if ("middle" in this.dataset) this.#enterMiddle(timeline);
    else showAllPending(this.log, outbox.of(this.room));
    this.#decorate();
    this.#scroll = new Scroll(this.log, () => this.#moved());
    this.#scroll.live = !this.middle;
    this.#place();
    this.older = new Older(this.log, {
      address: timeline,
      merge: (change) => this.#change(change),
      merged: (from) => this.catchUp.rewind(from),
    });
    this.catchUp = new CatchUp({
      rev: Number(rev),
      changes,
      timeline,
      apply: (items) => this.#apply(items),
      reads: (positions) => this.#positions(positions),
      replace: (html) => this.#replace(html),
      gone: () => this.#leave(),
    });
    this.#listen(this.#stop.signal);
    live.watch(this.room);
    this.#moved();
  }

  disconnectedCallback() {
    this.#stop?.abort();
    this.#scroll?.stop();
    this.older?.stop();
    this.newer?.stop();
    this.catchUp?.stop();
    live.unwatch(this.room);
  }

  #place() {
    const at = this.dataset.at && markMessage(this.log, this.dataset.at);
    if (at) this.#scroll.toMessage(at);
    else if (!this.middle) this.#scroll.toDivider();
  }

  /** @param {string} address */
  #enterMiddle(address) {
    this.middle = new Middle(this.log, need(this, "[data-latest]"), () => this.catchUp.reload());
    this.newer = new Newer(this.log, {
      address,
      merge: (change) => this.#change(change),
      merged: (from) => this.catchUp.rewind(from),
      joined: () => {
        this.#leaveMiddle();
        this.#change(() => showAllPending(this.log, outbox.of(this.room)));
      },
    });
  }

  // The end of the log is now that of the conversation, or about to be.
  #leaveMiddle() {
    this.newer?.stop();
    this.middle?.stop();
    this.middle = this.newer = null;
    delete this.dataset.middle;
    this.#scroll.live = true;
    this.#newAfter ??= this.reading.seq;
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const on = { signal };
    /**
     * Only frames about this room.
     * @template {{ room: number }} F
     * @param {(frame: F) => void} action
     * @returns {(event: CustomEvent<F>) => unknown}
     */
    const here = (action) => ({ detail }) => detail.room === this.room && action(detail);
    live.addEventListener("open", () => this.#opened(), on);
    live.addEventListener("frame:heads", ({ detail }) => this.#head(detail.heads[this.room]), on);
    live.addEventListener("frame:room", here((frame) => this.#pushed(frame)), on);
    live.addEventListener("frame:read", here((frame) => this.#hasRead(frame)), on);
    live.addEventListener("frame:typing", here(({ member: person }) => this.#types(person)), on);
    live.addEventListener("frame:gone", here(({ reason }) => this.#leave(reason)), on);
    outbox.addEventListener("added", ({ detail }) => this.#own(detail.entry, true), on);
    outbox.addEventListener("failed", ({ detail }) => this.#own(detail.entry), on);
    outbox.addEventListener("retried", ({ detail }) => this.#own(detail.entry), on);
    outbox.addEventListener("discarded", ({ detail }) => this.#change(() => removePending(this.log, detail.entry)), on);
    outbox.addEventListener("acked", ({ detail }) => detail.frame.room === this.room && this.#apply([detail.frame]), on);
    document.addEventListener("visibilitychange", () => this.#moved(), on);
    window.addEventListener("focus", () => this.#moved(), on);
    document.addEventListener("wb:part-gone", () => this.catchUp.fetch(), on);
    this.pill.button.addEventListener("click", () => this.#jump(), on);
  }

  /** @param {number} person */
  #types(person) {
    if (person !== member) this.typing.start(person);
  }

  #opened() {
    this.catchUp.fetch();
    this.middle?.again();
    this.reading.tellAgain();
  }

  /** @param {Frames["read"]} frame */
  #hasRead({ member: reader, from = 0, seq }) {
    if (reader === member) this.reading.heard(seq);
    this.#positions({ [reader]: [from, seq] });
  }

  /** @param {number | undefined} rev */
  #head(rev) {
    this.catchUp.head(rev);
  }

  /** @param {Frames["room"]} frame */
  #pushed(frame) {
    this.catchUp.push(frame);
    if (frame.refresh) this.#refresh();
  }

  #refresh() {
    /** @type {NodeListOf<LivePartElement>} */
    const parts = document.querySelectorAll(`live-part[name="room"][room="${this.room}"]`);
    for (const part of parts) part.refetch();
  }

  /** @param {Item[]} all */
  #apply(all) {
    const items = this.middle ? this.middle.fitting(all) : all;
    const attentive = this.#attentive;
    const before = lastSeq(this.log);
    const fresh = this.#change(() => put(this.log, items));
    const others = fresh.filter((one) => isFromOthers(one) && Number(one.dataset.seq) > before);
    for (const one of others) this.typing.stop(Number(one.dataset.author));
    if (others.length && !attentive) this.#announce(others.length, before);
    this.#moved();
  }

  /**
   * @param {number} count
   * @param {number} before
   */
  #announce(count, before) {
    this.#newAfter ??= before;
    this.#change(() => {});
    this.pill.add(count);
  }

  /** @param {string} html */
  #replace(html) {
    const jumps = Boolean(this.middle);
    // The end that was fetched may be from before what one has just written.
    const beyond = this.middle?.beyond ?? [];
    if (jumps) this.#leaveMiddle();
    this.#change(() => {
      replaceAll(this.log, html);
      put(this.log, beyond);
      showAllPending(this.log, outbox.of(this.room));
    });
    this.older.watch();
    if (jumps) this.#scroll.toBottom();
    this.#moved();
  }

  /** @param {Readers} readers */
  #positions(readers) {
    this.reads.replace(readers);
    this.reads.show(this.log);
  }

  /**
   * Writing is reading: the divider has done its work.
   * @param {Entry} entry
   */
  #own(entry, jump = false) {
    if (entry.room !== this.room) return;
    if (jump) this.#newAfter = null;
    this.#change(() => showPending(this.log, entry));
    if (jump) this.#scroll.toBottom();
    // One's own new message is at the end of the conversation.
    this.middle?.leave();
  }

  /**
   * @template T
   * @param {() => T} change
   * @returns {T}
   */
  #change(change) {
    const alter = () => {
      const result = change();
      this.#decorate();
      return result;
    };
    return this.#scroll ? this.#scroll.keep(alter) : alter();
  }

  #decorate() {
    decorate(this.log, this.#newAfter);
    this.reads.show(this.log);
  }

  get #attentive() {
    return !this.middle && this.#scroll.atBottom && isLookedAt();
  }

  #moved() {
    this.reading.unmark();
    // A stretch out of the middle of the room says nothing of what is before it.
    if (!isLookedAt() || this.#gone || this.middle) return;
    this.reading.reach(this.#scroll.atBottom ? lastSeq(this.log) : this.#scroll.lastInView);
    if (!this.#scroll.atBottom) return;
    this.pill.clear();
    document.dispatchEvent(new CustomEvent("wb:read", { detail: { room: this.room } }));
  }

  #jump() {
    this.#scroll.toBottom();
    this.log.focus({ preventScroll: true });
    this.#moved();
  }

  /** @param {string} [reason] */
  #leave(reason) {
    if (this.#gone) return;
    this.#gone = true;
    this.catchUp.stop();
    live.unwatch(this.room);
    document.dispatchEvent(new CustomEvent("wb:room-gone", { detail: { room: this.room } }));
    for (const part of document.querySelectorAll(`live-part[room="${this.room}"]`)) part.remove();
    this.replaceWith(goneNotice(reason));
  }
}

/** @param {HTMLElement} message */
function isFromOthers({ dataset }) {
  return dataset.author !== undefined && Number(dataset.author) !== member;
}

customElements.define("wb-timeline", Timeline);
