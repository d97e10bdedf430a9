// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";

describe("asking over HTTP", () => {
  let page;
  let http;
  let ended;

  beforeEach(async (t) => {
    page = openPage(t, { data: { login: "/accounts/login/" } });
    http = await page.script("lib/http.js");
    ended = 0;
    document.addEventListener("wb:signed-out", () => (ended += 1));
  });

  test("brings the answer, never one that was kept", async () => {
    const asking = http.ask("/rooms/", { method: "POST", headers: { "X-CSRFToken": "t" } });
    await page.server.answer("<p>");
    assert.equal(await (await asking).text(), "<p>");
    const { headers, ...options } = page.server.asked[0].options;
    assert.deepEqual(options, { credentials: "same-origin", cache: "no-store", method: "POST" });
    assert.deepEqual(headers, { Accept: "text/html", "X-Requested-With": "fetch", "X-CSRFToken": "t" });
  });

  test("says with which status it failed", async () => {
    const asking = assert.rejects(http.ask("/rooms/"), { name: "Error", status: 429 });
    await page.server.answer("", { status: 429 });
    await asking;
    assert.equal(ended, 0);
  });

  for (const [name, how] of [
    ["401", { status: 401 }],
    ["the sign-in page", { redirected: true, url: "https://chat.example/accounts/login/?next=/" }],
  ]) {
    test(`takes ${name} for the end of the session`, async () => {
      const asking = assert.rejects(http.ask("/rooms/"), http.SignedOut);
      await page.server.answer("", how);
      await asking;
      assert.equal(ended, 1);
    });
  }

  test("follows other redirections", async () => {
    const asking = http.ask("/rooms/");
    await page.server.answer("ok", { redirected: true, url: "https://chat.example/rooms/7/" });
    assert.equal((await asking).ok, true);
  });
});

describe("a part of the page", () => {
  let page;
  let part;
  let told;

  beforeEach(async (t) => {
    page = openPage(t, { body: '<live-part name="room" room="7" src="/rooms/7/" select=".it"><p>old</p></live-part>' });
    await page.script("elements/live-part.js");
    const { live } = await page.script("live.js");
    live.start();
    page.socket.open();
    part = page.find("live-part");
    told = [];
    for (const type of ["wb:part", "wb:part-gone", "wb:part-failed"]) {
      document.addEventListener(type, (/** @type {CustomEvent} */ { detail }) => told.push([type, detail.name]));
    }
  });

  const reload = (parts, room) => page.socket.say({ type: "reload", parts, room });
  const answer = (words) => page.server.answer(`<nav>menu</nav><p class="it">${words}</p>`);

  test("is fetched when the server names it, for its room or for all", async () => {
    reload(["list"]);
    reload(["room"], 8);
    assert.equal(page.server.asked.length, 0);
    reload(["list", "room"], 7);
    await answer("new");
    reload(["room"]);
    assert.deepEqual(page.server.addresses, ["/rooms/7/", "/rooms/7/"]);
    assert.equal(part.innerHTML, '<p class="it">new</p>');
    assert.deepEqual(told, [["wb:part", "room"]]);
  });

  test("is fetched once more for wishes that come meanwhile, and only the last answer is shown", async () => {
    for (let wish = 0; wish < 3; wish += 1) part.refetch();
    await answer("first");
    assert.equal(part.textContent, "old");
    await answer("second");
    assert.equal(part.textContent, "second");
    assert.equal(page.server.asked.length, 2);
  });

  test("stays as it is when the answer has nothing for it, or none comes", async () => {
    part.refetch();
    await page.server.answer("<nav>menu</nav>");
    part.refetch();
    await page.server.fail();
    assert.equal(part.textContent, "old");
    assert.deepEqual(told, [["wb:part-failed", "room"]]);
  });

  test("that is gone says so", async () => {
    part.refetch();
    await page.server.answer("", { status: 404 });
    assert.deepEqual(told, [["wb:part-gone", "room"]]);
  });

  test("hears nothing after it left the page, and asks nothing more", async () => {
    part.refetch();
    part.refetch();
    part.remove();
    reload(["room"]);
    await answer("new");
    await settle();
    assert.equal(page.server.asked.length, 1);
    assert.equal(part.textContent, "old");
  });
});
