// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { item, systemItem } from "./messages.js";
import { openPage } from "./page.js";

const row = (room, { rev = 10, last = rev, mark = 10, unread = 0, flags = "" } = {}) => `
  <li id="room-row-${room}" data-room="${room}" data-rev="${rev}" data-last="${last}" data-mark="${mark}" ${flags}
    ${unread ? "data-unread" : ""}>
    <a class="room-row" href="/rooms/${room}/"><time datetime="2026-11-20T08:00:00Z" data-format="list"></time>
    <span data-preview>before</span>
    <span data-count="${unread}" ${unread ? "" : "hidden"}><span data-number>${unread}</span></span></a>
  </li>`;
const rows = (content, mark) => `<ul data-rows data-mark="${mark}" data-filter="all">${content}</ul>`;
const list = (content, mark) => `
  <wb-room-list data-open="9">
    <form data-find>
      <input name="q"><input type="radio" name="filter" value="all" checked><input type="radio" name="filter" value="unread">
      <p data-found></p>
    </form>
    <div data-scroll>
      <live-part name="list" src="/rooms/rows/">${rows(content, mark)}</live-part>
      <div data-hits data-src="/rooms/hits/"></div>
    </div>
    <div id="row-menu"></div>
  </wb-room-list>`;
const PREVIEW = { seq: 11, text: "hello", at: "2026-11-20T09:30:00Z", author: 2, name: "Kim" };
const push = (room, after, rev, more = {}) =>
  ({ type: "room", room, after, rev, items: [item(rev)], preview: { ...PREVIEW, seq: rev }, ...more });

describe("the room list", () => {
  let page;
  let timers;

  beforeEach(async (/** @type {import("node:test").TestContext} */ t) => {
    const pinned = row(5, { flags: "data-pinned" }) + row(6, { flags: "data-pinned" });
    const others = row(7, { unread: 2 }) + row(8, { flags: "data-group" }) + row(9);
    const texts = { n_rooms: "{n} rooms", one_room: "1 room", unread: "{n} unread" };
    page = openPage(t, { body: list(pinned + others, 50), texts });
    timers = t.mock.timers;
    await page.script("elements/live-part.js");
    await page.script("elements/wb-room-list.js");
    const { live } = await page.script("live.js");
    live.start();
    page.socket.open();
  });

  const at = (room) => page.find(`[data-rows] > [data-room="${room}"]`);
  const order = () => [...page.find("[data-rows]").children].map(({ dataset }) => Number(dataset.room));
  const say = (frame) => page.socket.say(frame);
  const count = (room) => Number(at(room).querySelector("[data-count]").dataset.count);
  const preview = (room) => at(room).querySelector("[data-preview]").textContent;
  // What was fetched of the list, after the time in which wishes become one.
  function fetched() {
    timers.tick(300);
    return page.server.addresses;
  }

  test("a message brings its room to the top of those that are not pinned", () => {
    say(push(9, 10, 11));
    assert.deepEqual(order(), [5, 6, 9, 7, 8]);
    say(push(6, 10, 11));
    assert.deepEqual(order(), [6, 5, 9, 7, 8]);
    assert.equal(preview(9), "hello");
    assert.equal(at(9).querySelector("time").textContent, "10:30");
    assert.deepEqual(fetched(), []);
  });

  test("a change that is nothing to preview moves nothing", () => {
    say(push(9, 10, 11, { preview: null, items: [] }));
    assert.deepEqual(order(), [5, 6, 7, 8, 9]);
    assert.equal(at(9).dataset.rev, "11");
  });

  test("a group says who wrote, unless it was the viewer", () => {
    say(push(8, 10, 11));
    assert.equal(preview(8), "Kim: hello");
    say(push(8, 11, 12, { preview: { seq: 12, text: "mine", at: "2026-11-20T09:30:00Z", author: 1, name: "Me" } }));
    assert.equal(preview(8), "mine");
  });

  test("messages of others are counted as unread; own ones and lines are not", () => {
    say(push(7, 10, 14, { items: [item(11), item(12, { author: 1 }), systemItem(13), item(14)] }));
    assert.equal(count(7), 4);
    assert.equal(at(7).querySelector("[data-number]").textContent, "4");
    assert.ok(at(7).hasAttribute("data-unread"));
  });

  test("a change of an older message is neither unread nor shown, and moves nothing", () => {
    const changed = { ...item(4), rev: 11 };
    say(push(7, 10, 11, { items: [changed], preview: { ...PREVIEW, seq: 4, text: "changed" } }));
    assert.equal(count(7), 2);
    assert.equal(preview(7), "before");
    assert.equal(at(7).dataset.rev, "11");
    say(push(9, 10, 11, { items: [changed], preview: { ...PREVIEW, seq: 4, text: "changed" } }));
    assert.deepEqual(order(), [5, 6, 7, 8, 9]);
  });

  test("a change of the last message shows where the room stands, and is not unread", () => {
    const changed = { ...item(10), rev: 11 };
    say(push(9, 10, 11, { items: [changed], preview: { ...PREVIEW, seq: 10, text: "changed" } }));
    assert.equal(preview(9), "changed");
    assert.equal(count(9), 0);
    assert.deepEqual(order(), [5, 6, 7, 8, 9]);
    assert.equal(at(9).querySelector("time").textContent, "");
  });

  test("very many are more than 999", () => {
    const items = Array.from({ length: 1_000 }, (_, n) => item(n + 11));
    say(push(8, 10, 1_010, { items }));
    assert.equal(at(8).querySelector("[data-number]").textContent, "999+");
  });

  test("what is known already is not counted again", () => {
    say(push(7, 10, 11));
    say(push(7, 10, 11));
    assert.equal(count(7), 3);
  });

  test("the page that has read a room to its end takes its count away", () => {
    document.dispatchEvent(new CustomEvent("wb:read", { detail: { room: 7 } }));
    assert.equal(count(7), 0);
    assert.ok(!at(7).hasAttribute("data-unread"));
  });

  test("what cannot be known is fetched, once for many wishes", async () => {
    say(push(77, 1, 2));
    say(push(78, 1, 2));
    assert.deepEqual(fetched(), ["/rooms/rows/?open=9"]);
    await page.server.answer(rows(row(77) + row(78), 20));
    assert.equal(fetched().length, 1);
  });

  test("a push that asks for it, and reading on another page, fetch the list", () => {
    say({ ...push(7, 10, 11), refresh: true });
    assert.equal(fetched().length, 1);
  });

  test("reading on another page fetches the list, but not for the room that is open here", () => {
    say({ type: "read", room: 9, member: 1, seq: 10 });
    say({ type: "read", room: 7, member: 2, seq: 10 });
    assert.deepEqual(fetched(), []);
    say({ type: "read", room: 7, member: 1, seq: 10 });
    assert.equal(fetched().length, 1);
  });

  test("a head that fits fetches nothing, any other fetches the list", () => {
    say({ type: "heads", heads: {}, list: 50 });
    assert.deepEqual(fetched(), []);
    say(push(7, 10, 12));
    say({ type: "heads", heads: {}, list: 52 });
    say({ type: "heads", heads: {} });
    assert.deepEqual(fetched(), []);
    say({ type: "heads", heads: {}, list: 53 });
    assert.equal(fetched().length, 1);
  });

  test("rows that are fetched take the place of the old ones, and the open room is marked", async () => {
    say(push(77, 1, 2));
    fetched();
    await page.server.answer(rows(row(77) + row(9) + row(7), 30));
    assert.deepEqual(order(), [77, 9, 7]);
    assert.equal(at(9).querySelector("a").getAttribute("aria-current"), "page");
    say({ type: "heads", heads: {}, list: 30 });
    assert.equal(fetched().length, 1);
  });
});
