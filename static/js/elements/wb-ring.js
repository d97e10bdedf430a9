// @ts-check
// <wb-ring>: what rings for this member, above everything in the page. Its part brings the cards; a push is a hint, so
// while one is shown it is asked for again and again.
import * as desktop from "../ringing/desktop.js";
import { bringToFront, frontDialog, keepInFront } from "../ringing/keep-in-front.js";
import * as title from "../ringing/title.js";
import * as tone from "../ringing/ringtone.js";
import { need } from "../lib/dom.js";
import { post } from "../lib/http.js";
import { text } from "../lib/page.js";

const EVERY = 5_000;
// How long an accepted call may take to be answered by its window, before it rings here again.
const ANSWERED_FOR = 15_000;
const SHORTCUT = "F8";

/** @typedef {HTMLElement & { end?: number }} Card When it stops to ring, by this page's clock. */

class Ring extends HTMLElement {
  #ready = false;
  #poll = 0;
  #end = 0;
  // Calls that are answered here, and until when they stay away whatever a fetch says; and calls that were announced.
  /** @type {Map<string | undefined, number>} */
  #done = new Map();
  /** @type {Set<string | undefined>} */
  #known = new Set();
  /** @type {HTMLElement | null} */
  #before = null;
  // To the other pages of this browser.
  #others = new BroadcastChannel("worksbridge.ring");

  connectedCallback() {
    // It is reconnected whenever it moves into or out of a dialog.
    if (this.#ready) return;
    this.#ready = true;
    keepInFront(this, () => this.#cards.length > 0, /** @type {Element} */ (this.previousElementSibling));
    this.addEventListener("wb:part", () => this.#fetched());
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("focusin", (event) => this.#entered(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => this.#show());
    document.addEventListener("wb:names", () => this.#show());
    document.addEventListener("wb:signed-out", () => this.#clear());
    this.#others.addEventListener("message", ({ data }) => this.#away(data));
  }

  // Refilling a dialog removes its previous content.
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || bringToFront(this));
  }

  /** @returns {LivePartElement} */
  get #part() {
    return need(this, "live-part");
  }

  get #cards() {
    /** @type {NodeListOf<Card>} */
    const cards = this.querySelectorAll("[data-ring]:not([hidden])");
    return [...cards];
  }

  #fetched() {
    const now = performance.now();
    /** @type {NodeListOf<Card>} */
    const cards = this.querySelectorAll("[data-ring]");
    for (const card of cards) {
      const { ring, until, now: then } = card.dataset;
      card.end = now + Date.parse(until ?? "") - Number(then) * 1_000;
      card.hidden = card.end <= now || (this.#done.get(ring) ?? 0) > now;
    }
    this.#show();
  }

  #show() {
    const cards = this.#cards;
    clearTimeout(this.#end);
    if (!cards.length) {
      this.#silence();
      return;
    }
    bringToFront(this);
    this.#end = setTimeout(() => this.#overdue(), Math.min(...cards.map(endOf)) - performance.now());
    this.#poll ||= setInterval(() => this.#part.refetch(), EVERY);
    tone.start();
    title.flash(text("is_calling", { name: nameIn(cards[0]) }));
    desktop.notify(document.hidden ? cards.map(note) : []);
    for (const card of cards) if (!this.#known.has(card.dataset.ring)) this.#announce(card);
  }

  #silence() {
    clearInterval(this.#poll);
    this.#poll = 0;
    tone.stop();
    title.restore();
    desktop.notify([]);
    this.#known.clear();
    this.#say("");
    this.#leave();
    bringToFront(this);
  }

  /**
   * Do not interrupt people who write or read: the card takes the focus only when nothing else has it.
   * @param {Card} card
   */
  #announce(card) {
    this.#known.add(card.dataset.ring);
    this.#say(text("ring_said", { kind: kindIn(card), name: nameIn(card) }));
    if (document.activeElement?.matches("body, main") && !frontDialog()) card.focus({ preventScroll: true });
  }

  /** @param {string} sentence */
  #say(sentence) {
    const said = need(this, "[data-said]");
    if (said.textContent !== sentence) said.textContent = sentence;
  }

  #overdue() {
    const now = performance.now();
    for (const card of this.#cards) card.hidden = endOf(card) <= now;
    this.#show();
    this.#part.refetch();
  }

  /** @param {Heard<MouseEvent>} event */
  #click(event) {
    const card = event.target.closest("[data-ring]");
    const decline = event.target.closest("[data-decline]");
    if (!card) return;
    if (decline) this.#decline(card.dataset.ring, decline.dataset.decline ?? "");
    else if (event.target.closest("[data-accept]")) this.#put(card.dataset.ring, ANSWERED_FOR);
  }

  /**
   * @param {string | undefined} ring
   * @param {string} address
   */
  async #decline(ring, address) {
    this.#put(ring, Infinity);
    try {
      await post(address);
    } catch {
      this.#put(ring, 0);
    }
    this.#part.refetch();
  }

  /**
   * Remove it immediately in all pages of this browser; the server's state comes with the next fetch.
   * @param {string | undefined} ring
   * @param {number} time
   */
  #put(ring, time) {
    this.#others.postMessage({ ring, time });
    this.#away({ ring, time });
  }

  /** @param {{ ring: string | undefined, time: number }} away */
  #away({ ring, time }) {
    this.#done.set(ring, performance.now() + time);
    for (const card of this.querySelectorAll(`[data-ring="${ring}"]`)) card.hidden = true;
    this.#show();
    if (time !== Infinity) setTimeout(() => this.#part.refetch(), time);
  }

  #clear() {
    this.#part.replaceChildren();
    this.#show();
  }

  /** @param {FocusEvent} event */
  #entered(event) {
    const before = /** @type {HTMLElement | null} */ (event.relatedTarget);
    if (before && !this.contains(before)) this.#before = before;
  }

  /** @param {Heard<KeyboardEvent>} event */
  #key(event) {
    if (event.isComposing || !this.#cards.length) return;
    if (event.key === SHORTCUT) {
      event.preventDefault();
      need(this.#cards[0], "[data-accept]").focus();
    } else if (event.key === "Escape" && this.contains(event.target)) {
      // Back to what one was at; it rings on.
      event.preventDefault();
      this.#leave();
    }
  }

  #leave() {
    if (!this.contains(document.activeElement)) return;
    if (this.#before?.isConnected) this.#before.focus({ preventScroll: true });
    else /** @type {HTMLElement} */ (document.activeElement).blur();
    this.#before = null;
  }
}

/**
 * What has no end yet rings.
 * @param {Card} card
 */
function endOf(card) {
  return card.end ?? NaN;
}

/** @param {Element} card */
function nameIn(card) {
  return need(card, ".person-name").textContent;
}

/** @param {Element} card */
function kindIn(card) {
  return need(card, ".ring__kind span").textContent;
}

/** @param {Card} card */
function note(card) {
  const company = card.querySelector(".company-badge")?.textContent;
  const body = company ? `${kindIn(card)} · ${company}` : kindIn(card);
  return { id: card.dataset.ring ?? "", title: text("is_calling", { name: nameIn(card) }), body, go: () => card.focus() };
}

customElements.define("wb-ring", Ring);
