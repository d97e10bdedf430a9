// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage } from "./page.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const pushOf = (room, id) => ({ type: "room", room, items: [{ client_id: id }] });

describe("what is written but not acknowledged", () => {
  let page;
  let timers;
  let outbox;
  let told;

  async function load(t, storage) {
    page = openPage(t, { storage });
    timers = t.mock.timers;
    const { live } = await page.script("live.js");
    ({ outbox } = await page.script("outbox.js"));
    told = [];
    for (const type of ["added", "acked", "failed", "retried", "discarded"]) {
      outbox.addEventListener(type, ({ detail }) => told.push([type, detail.entry?.body]));
    }
    outbox.start();
    live.start();
  }

  beforeEach((t) => load(t, {}));

  const connect = () => page.socket.open();
  const sent = () => page.socket.of("send").map(({ body }) => body);
  const last = () => page.socket.of("send").at(-1);
  const waiting = (room = 7) => outbox.of(room).map(({ body }) => body);
  const ack = (frame = last()) => page.socket.say({ type: "ack", client_id: frame.client_id, room: frame.room, seq: 1 });
  const nack = (more) => page.socket.say({ type: "nack", client_id: last().client_id, text: "No.", ...more });
  const kept = () => Object.fromEntries(Object.entries({ ...localStorage }));
  // A connection ends, and there is another one as soon as can be.
  function reconnect() {
    page.socket.end();
    timers.tick(500);
    connect();
    page.socket.say({ type: "heads" });
  }
  // Answers keep the connection alive while time goes by.
  function pass(milliseconds) {
    for (let left = milliseconds; left > 0; left -= 1_000) {
      page.socket.say({ type: "heads" });
      timers.tick(Math.min(left, 1_000));
    }
  }

  describe("sending", () => {
    test("goes out at once, with a client id of its own", () => {
      connect();
      outbox.add(7, "one");
      assert.deepEqual(page.socket.of("send"), [{ type: "send", room: 7, client_id: last().client_id, body: "one" }]);
      assert.match(last().client_id, UUID);
    });

    test("waits for a connection", () => {
      outbox.add(7, "one");
      assert.deepEqual(waiting(), ["one"]);
      connect();
      assert.deepEqual(sent(), ["one"]);
    });

    test("one of a room is under way at a time, in the order of writing", () => {
      connect();
      for (const body of ["one", "two", "three"]) outbox.add(7, body);
      assert.deepEqual(sent(), ["one"]);
      ack();
      assert.deepEqual(sent(), ["one", "two"]);
      ack();
      ack();
      assert.deepEqual(sent(), ["one", "two", "three"]);
      assert.deepEqual(waiting(), []);
    });

    test("rooms do not wait for each other", () => {
      connect();
      outbox.add(7, "here");
      outbox.add(8, "there");
      assert.deepEqual(sent(), ["here", "there"]);
      assert.deepEqual([waiting(7), waiting(8)], [["here"], ["there"]]);
    });

    test("keeps the order of what is written in the same millisecond, or by a clock that went back", async (t) => {
      for (const body of ["one", "two"]) outbox.add(7, body);
      timers.setTime(0);
      outbox.add(7, "three");
      await load(t, kept());
      assert.deepEqual(waiting(), ["one", "two", "three"]);
    });

    test("makes client ids where the browser has no crypto.randomUUID", (t) => {
      t.mock.method(crypto, "randomUUID", () => assert.fail());
      crypto.randomUUID = undefined;
      t.after(() => delete crypto.randomUUID);
      outbox.add(7, "one");
      outbox.add(7, "two");
      const [one, two] = outbox.of(7).map((entry) => entry.client_id);
      assert.match(one, UUID);
      assert.match(two, UUID);
      assert.notEqual(one, two);
    });
  });

  describe("an acknowledgement", () => {
    test("ends it, in the browser's storage too", () => {
      connect();
      outbox.add(7, "one");
      assert.equal(Object.keys(kept()).length, 1);
      ack();
      assert.deepEqual(kept(), {});
      assert.deepEqual(told, [["added", "one"], ["acked", "one"]]);
    });

    test("that does not come within eight seconds sends it again under the same id", () => {
      connect();
      outbox.add(7, "one");
      pass(7_999);
      assert.deepEqual(sent(), ["one"]);
      pass(1);
      assert.deepEqual(sent(), ["one", "one"]);
      const [first, second] = page.socket.of("send");
      assert.equal(first.client_id, second.client_id);
    });

    test("that comes twice, or for what another page wrote, is told but changes nothing", () => {
      connect();
      outbox.add(7, "one");
      outbox.add(7, "two");
      const first = last();
      ack(first);
      ack(first);
      assert.deepEqual(sent(), ["one", "two"]);
      assert.deepEqual(waiting(), ["two"]);
      assert.deepEqual(told.at(-1), ["acked", undefined]);
    });

    test("can be a push of the room instead", () => {
      connect();
      outbox.add(7, "one");
      outbox.add(7, "two");
      page.socket.say(pushOf(7, last().client_id));
      assert.deepEqual(sent(), ["one", "two"]);
      assert.deepEqual(waiting(), ["two"]);
    });

    test("a push of what others wrote is none", () => {
      connect();
      outbox.add(7, "one");
      page.socket.say(pushOf(7, "22222222-2222-4222-8222-222222222222"));
      page.socket.say({ type: "room", room: 7, refresh: true });
      assert.deepEqual(waiting(), ["one"]);
    });
  });

  describe("a lost connection", () => {
    test("sends what is under way again with the next one, first of its room", () => {
      connect();
      outbox.add(7, "one");
      outbox.add(7, "two");
      reconnect();
      assert.deepEqual(sent(), ["one"]);
      ack();
      assert.deepEqual(sent(), ["one", "two"]);
    });

    test("does not send by an old clock as well", () => {
      connect();
      outbox.add(7, "one");
      pass(7_000);
      reconnect();
      pass(7_999);
      assert.deepEqual(sent(), ["one"]);
    });

    test("sends for every room", () => {
      outbox.add(7, "here");
      outbox.add(8, "there");
      connect();
      assert.deepEqual(sent(), ["here", "there"]);
    });
  });

  describe("a refusal", () => {
    test("that says when to try again is tried then, before later ones", () => {
      connect();
      outbox.add(7, "one");
      outbox.add(7, "two");
      nack({ retry: true, after: 3 });
      pass(2_999);
      assert.deepEqual(sent(), ["one"]);
      pass(1);
      assert.deepEqual(sent(), ["one", "one"]);
      assert.deepEqual(told.filter(([type]) => type === "failed"), []);
    });

    test("that does not say when is tried after a second", () => {
      connect();
      outbox.add(7, "one");
      nack({ retry: true });
      pass(999);
      assert.deepEqual(sent(), ["one"]);
      pass(1);
      assert.deepEqual(sent(), ["one", "one"]);
    });

    test("for good keeps it with the reason, and lets the next one go", () => {
      connect();
      outbox.add(7, "one");
      outbox.add(7, "two");
      nack({ text: "The room is closed." });
      assert.deepEqual(sent(), ["one", "two"]);
      assert.deepEqual(outbox.of(7).map(({ error }) => error), ["The room is closed.", ""]);
      assert.deepEqual(told.at(-1), ["failed", "one"]);
    });

    test("for good is not tried by itself, not even with the next connection", () => {
      connect();
      outbox.add(7, "one");
      nack();
      pass(20_000);
      assert.deepEqual(sent(), ["one"]);
      reconnect();
      assert.deepEqual(sent(), []);
    });

    test("is tried again by hand", () => {
      connect();
      outbox.add(7, "one");
      nack();
      outbox.retry(outbox.of(7)[0].client_id);
      assert.deepEqual(sent(), ["one", "one"]);
      assert.deepEqual(told.at(-1), ["retried", "one"]);
      assert.equal(outbox.of(7)[0].error, "");
      outbox.retry("of nothing");
      assert.equal(told.length, 3);
    });

    test("can be thrown away", () => {
      connect();
      outbox.add(7, "one");
      nack();
      outbox.discard(outbox.of(7)[0].client_id);
      assert.deepEqual(waiting(), []);
      assert.deepEqual(kept(), {});
      assert.deepEqual(told.at(-1), ["discarded", "one"]);
      outbox.discard("of nothing");
      assert.equal(told.length, 3);
    });

    test("of something else than a message is not the outbox's", () => {
      connect();
      outbox.add(7, "one");
      page.socket.say({ type: "nack", text: "No." });
      assert.deepEqual(told, [["added", "one"]]);
    });
  });

  describe("kept in the browser", () => {
    test("it is there after a reload, and sent under the same id", async (t) => {
      outbox.add(7, "one");
      outbox.add(7, "two");
      const [{ client_id: id }] = outbox.of(7);
      await load(t, kept());
      assert.deepEqual(waiting(), ["one", "two"]);
      connect();
      assert.deepEqual(sent(), ["one"]);
      assert.equal(last().client_id, id);
    });

    test("a refusal is there too", async (t) => {
      connect();
      outbox.add(7, "one");
      nack({ text: "The room is closed." });
      await load(t, kept());
      connect();
      assert.deepEqual(sent(), []);
      assert.equal(outbox.of(7)[0].error, "The room is closed.");
    });

    test("rubbish and what is another member's are left alone", async (t) => {
      const other = JSON.stringify({ client_id: "x", room: 7, body: "other", order: 1, error: "" });
      await load(t, { "wb.1.outbox.a": "{", "wb.1.outbox.b": "null", "wb.2.outbox.x": other, "wb.11.outbox.x": other });
      assert.deepEqual(waiting(), []);
    });

    test("sending goes on where nothing can be kept", (t) => {
      t.mock.method(page.window.Storage.prototype, "setItem", () => {
        throw new Error("full");
      });
      connect();
      outbox.add(7, "one");
      assert.deepEqual(sent(), ["one"]);
    });
  });

  describe("another tab", () => {
    const elsewhere = (id, newValue) =>
      dispatchEvent(Object.assign(new Event("storage"), { key: `wb.1.outbox.${id}`, newValue }));

    test("that has sent it takes it from this one", () => {
      outbox.add(7, "one");
      outbox.add(7, "two");
      elsewhere(outbox.of(7)[0].client_id, null);
      assert.deepEqual(waiting(), ["two"]);
      assert.deepEqual(told.at(-1), ["discarded", "one"]);
      connect();
      assert.deepEqual(sent(), ["two"]);
    });

    test("that keeps something changes nothing here", () => {
      outbox.add(7, "one");
      elsewhere(outbox.of(7)[0].client_id, "{}");
      elsewhere("22222222-2222-4222-8222-222222222222", null);
      dispatchEvent(Object.assign(new Event("storage"), { key: null, newValue: null }));
      assert.deepEqual(waiting(), ["one"]);
      assert.deepEqual(told, [["added", "one"]]);
    });
  });
});
