// @ts-check
// A page to run the scripts in: jsdom's window behind the browser's global names, and every script loaded anew, as after
// a reload. Fakes stand only at the edge of the world: the socket, the network, the clock, the layout.
import { registerHooks } from "node:module";
import { JSDOM } from "jsdom";
import { FakeSocket } from "./socket.js";
import { Server } from "./server.js";

const NOW = "2026-11-20T10:00:00Z";
const SCRIPTS = new URL("../../static/js/", import.meta.url).href;
// Of the window, under their own names.
const NAMES = [
  "AbortController", "AbortSignal", "CustomEvent", "DOMParser", "Document", "DocumentFragment", "Element", "Event",
  "EventTarget", "FormData", "HTMLDialogElement", "HTMLElement", "HTMLMediaElement", "Image", "KeyboardEvent",
  "MutationObserver", "Node", "Text",
  "customElements", "document", "history", "localStorage", "location", "navigator", "sessionStorage", "window",
];
const FUNCTIONS = ["addEventListener", "removeEventListener", "dispatchEvent"];

let pages = 0;

// A script that is asked for with ?page=N asks for its own imports in the same way: each page has modules of its own.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const page = context.parentURL && new URL(context.parentURL).searchParams.get("page");
    return page && found.url.startsWith(SCRIPTS) ? { ...found, url: `${found.url}?page=${page}` } : found;
  },
});

/**
 * Open a page. `body` is the HTML inside, `data` the attributes of the body element; `storage` what is kept already.
 * `timers`: whether the clock stands still until `t.mock.timers.tick()`; it then says `now`.
 */
export function openPage(t, { body = "", data = {}, texts = {}, storage = {}, now = NOW, path = "/" } = {}) {
  const { window } = new JSDOM("<!doctype html><html><body></body></html>", {
    url: `https://chat.example${path}`,
    pretendToBeVisual: true,
  });
  const { document } = window;
  Object.assign(document.body.dataset, { member: "1", company: "1", language: "en", timeZone: "Europe/Vienna", ...data });
  document.body.innerHTML = body + templateOf(texts);
  for (const [key, value] of Object.entries(storage)) window.localStorage.setItem(key, value);
  become(window);
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: new Date(now) });
  const server = new Server();
  global("fetch", server.fetch);
  global("WebSocket", FakeSocket);
  FakeSocket.all = [];
  t.after(() => window.close());
  return new Page(window, server);
}

class Page {
  #number = (pages += 1);

  constructor(window, server) {
    this.window = window;
    this.document = window.document;
    this.server = server;
  }

  /** The script of this page, by its path below static/js. */
  script(path) {
    return import(`${SCRIPTS}${path}?page=${this.#number}`);
  }

  find(selector) {
    return this.document.querySelector(selector);
  }

  /** The socket that was opened last. */
  get socket() {
    return FakeSocket.all.at(-1);
  }
}

function become(window) {
  for (const name of NAMES) global(name, window[name]);
  for (const name of FUNCTIONS) global(name, window[name].bind(window));
  global("matchMedia", () => Object.assign(new window.EventTarget(), { matches: false }));
  global("CSS", { supports: () => true });
  for (const name of ["ResizeObserver", "IntersectionObserver"]) global(name, Observer);
}

// There is no layout: nothing is ever seen or resized.
class Observer {
  observe() {}

  disconnect() {}
}

function global(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function templateOf(texts) {
  const spans = Object.entries(texts).map(([key, words]) => `<span data-text="${key}">${words}</span>`);
  return `<template data-texts>${spans.join("")}</template>`;
}

/** Let everything that waits for nothing but itself come to an end: promises, answers that have arrived. */
export async function settle() {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((done) => {
      setImmediate(done);
    });
  }
}
