// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";

const item = (rev) => ({ seq: rev, rev, html: "" });
const changes = (rev, more = {}) => ({ rev, items: [], ...more });
const push = (after, rev) => ({ after, rev, items: [item(rev)] });

describe("the revision of a room on a page", () => {
  let page;
  let server;
  let timers;
  let catchUp;
  let applied;
  let told;

  beforeEach(async (/** @type {import("node:test").TestContext} */ t) => {
    page = openPage(t);
    server = page.server;
    timers = t.mock.timers;
    const { CatchUp } = await page.script("timeline/catchup.js");
    applied = [];
    told = { reads: [], html: [], gone: 0 };
    catchUp = new CatchUp({
      rev: 10,
      changes: "/rooms/7/changes",
      timeline: "/rooms/7/timeline",
      apply: (items) => applied.push(...items.map(({ rev }) => rev)),
      reads: (positions) => told.reads.push(positions),
      replace: (html) => told.html.push(html),
      gone: () => (told.gone += 1),
    });
  });

  describe("a push", () => {
    test("that fits on is applied, and nothing is asked", () => {
      catchUp.push(push(10, 11));
      catchUp.push(push(11, 12));
      assert.deepEqual(applied, [11, 12]);
      assert.equal(catchUp.rev, 12);
      assert.deepEqual(server.asked, []);
    });

    test("without items moves the revision on", () => {
      catchUp.push({ after: 10, rev: 11 });
      catchUp.push(push(11, 12));
      assert.deepEqual(applied, [12]);
    });

    test("that is known already is nothing new", () => {
      catchUp.push(push(9, 10));
      catchUp.push(push(7, 8));
      assert.deepEqual(applied, []);
      assert.deepEqual(server.asked, []);
    });

    test("that begins before what is known and ends after it asks what changed", () => {
      catchUp.push(push(9, 12));
      assert.deepEqual(applied, []);
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=10"]);
    });

    test("that has overtaken another waits for it", () => {
      catchUp.push(push(12, 13));
      catchUp.push(push(11, 12));
      assert.deepEqual(applied, []);
      timers.tick(119);
      catchUp.push(push(10, 11));
      assert.deepEqual(applied, [11, 12, 13]);
      timers.tick(1_000);
      assert.deepEqual(server.asked, []);
    });

    test("that waits for a lost one asks what changed, once", async () => {
      catchUp.push(push(12, 13));
      catchUp.push(push(11, 12));
      timers.tick(119);
      assert.deepEqual(server.asked, []);
      timers.tick(1);
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=10"]);
      await server.answer(changes(13, { items: [item(11), item(12), item(13)] }));
      assert.deepEqual(applied, [11, 12, 13]);
      assert.equal(catchUp.rev, 13);
      timers.tick(1_000);
      assert.equal(server.asked.length, 1);
    });

    test("that comes while the lost one is asked for is not taken back by the answer", async () => {
      catchUp.fetch();
      catchUp.push(push(10, 11));
      await server.answer(changes(10));
      assert.equal(catchUp.rev, 11);
    });

    test("gives each wait for an overtaken one its own time", () => {
      catchUp.push(push(11, 12));
      timers.tick(100);
      catchUp.push(push(10, 11));
      timers.tick(20);
      catchUp.push(push(13, 14));
      timers.tick(119);
      assert.deepEqual(server.asked, []);
      timers.tick(1);
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=12"]);
    });
  });

  describe("a head", () => {
    test("that is known asks nothing", () => {
      catchUp.head(10);
      assert.deepEqual(server.asked, []);
    });

    test("that is newer asks what changed", () => {
      catchUp.head(11);
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=10"]);
    });

    test("that is older asks too: the server knows", () => {
      catchUp.head(9);
      assert.equal(server.asked.length, 1);
    });

    test("that is missing asks, and a room that is closed to the member is gone", async () => {
      catchUp.head(undefined);
      await server.answer("", { status: 404 });
      assert.equal(told.gone, 1);
    });
  });

  describe("asking what changed", () => {
    test("brings items, what was read and the revision", async () => {
      catchUp.fetch();
      assert.equal(server.asked[0].options.headers.Accept, "application/json");
      await server.answer(changes(12, { items: [item(12)], reads: { 2: 5 } }));
      assert.deepEqual(applied, [12]);
      assert.deepEqual(told.reads, [{ 2: 5 }]);
      assert.equal(catchUp.rev, 12);
    });

    test("is done once more for any number of wishes that come meanwhile", async () => {
      for (let wish = 0; wish < 4; wish += 1) catchUp.fetch();
      assert.equal(server.asked.length, 1);
      await server.answer(changes(11));
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=10", "/rooms/7/changes?after=11"]);
      await server.answer(changes(11));
      assert.equal(server.asked.length, 2);
    });

    test("is tried again two seconds after a failure", async () => {
      catchUp.fetch();
      await server.fail();
      timers.tick(1_999);
      assert.equal(server.asked.length, 1);
      timers.tick(1);
      assert.equal(server.asked.length, 2);
      await server.answer("", { status: 502 });
      timers.tick(2_000);
      assert.equal(server.asked.length, 3);
    });

    test("is not tried again when somebody asked meanwhile", async () => {
      catchUp.fetch();
      await server.fail();
      catchUp.fetch();
      await server.answer(changes(10));
      timers.tick(10_000);
      assert.equal(server.asked.length, 2);
    });

    for (const status of [403, 404]) {
      test(`says that the room is gone when it is answered with ${status}`, async () => {
        catchUp.fetch();
        await server.answer("", { status });
        assert.equal(told.gone, 1);
        timers.tick(10_000);
        assert.equal(server.asked.length, 1);
      });
    }

    for (const end of [{ status: 401 }, { redirected: true, url: "https://chat.example/accounts/login/?next=/" }]) {
      test(`is not tried again after the session has ended (${end.status ?? "sign-in page"})`, async () => {
        catchUp.fetch();
        await server.answer("", end);
        timers.tick(10_000);
        assert.equal(server.asked.length, 1);
        assert.equal(told.gone, 0);
      });
    }

    test("brings the whole timeline when too much has changed", async () => {
      catchUp.fetch();
      await server.answer(changes(500, { reload: true, reads: { 2: 400 } }));
      assert.deepEqual(server.addresses.slice(1), ["/rooms/7/timeline"]);
      await server.answer("<p>all</p>", { headers: { "X-Room-Rev": "501" } });
      assert.deepEqual(told.html, ["<p>all</p>"]);
      assert.deepEqual(applied, []);
      assert.equal(catchUp.rev, 501);
    });

    test("is tried again when the whole timeline does not come", async () => {
      catchUp.fetch();
      await server.answer(changes(500, { reload: true }));
      await server.fail();
      assert.equal(catchUp.rev, 10);
      timers.tick(2_000);
      assert.equal(server.addresses.at(-1), "/rooms/7/changes?after=10");
    });
  });

  describe("the whole timeline", () => {
    test("that is older than what was pushed meanwhile is followed by what changed", async () => {
      const reloading = catchUp.reload();
      catchUp.push(push(10, 11));
      await server.answer("<p>all</p>", { headers: { "X-Room-Rev": "10" } });
      await reloading;
      assert.deepEqual(server.addresses, ["/rooms/7/timeline", "/rooms/7/changes?after=10"]);
    });

    test("that cannot be had is said to who wanted it", async () => {
      const reloading = assert.rejects(catchUp.reload(), TypeError);
      await server.fail();
      await reloading;
      assert.deepEqual(told.html, []);
    });
  });

  describe("a part from an earlier revision", () => {
    test("is brought up to date", () => {
      catchUp.rewind(8);
      assert.deepEqual(server.addresses, ["/rooms/7/changes?after=8"]);
    });

    test("asks nothing when it is as new as the rest", () => {
      catchUp.rewind(10);
      catchUp.rewind(11);
      assert.deepEqual(server.asked, []);
      assert.equal(catchUp.rev, 10);
    });
  });

  test("nothing is told any more after it was stopped", async () => {
    catchUp.fetch();
    catchUp.push(push(11, 12));
    catchUp.stop();
    await server.answer(changes(12, { items: [item(12)] }));
    timers.tick(10_000);
    await settle();
    assert.deepEqual([applied, told.reads, server.asked.length], [[], [], 1]);
  });

  test("a failure after it was stopped is not tried again", async () => {
    catchUp.fetch();
    catchUp.stop();
    await server.fail();
    timers.tick(10_000);
    assert.equal(server.asked.length, 1);
  });
});
