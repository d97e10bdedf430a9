// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage } from "./page.js";
import { FakeSocket } from "./socket.js";

describe("the socket of a page", () => {
  let page;
  let live;
  let timers;
  let chance;

  beforeEach(async (/** @type {import("node:test").TestContext} */ t) => {
    page = openPage(t);
    timers = t.mock.timers;
    chance = 1;
    t.mock.method(Math, "random", () => chance);
    ({ live } = await page.script("live.js"));
  });

  const heard = (type) => {
    const events = [];
    live.addEventListener(type, (event) => events.push(event.detail));
    return events;
  };

  function connect() {
    live.start();
    page.socket.open();
  }

  // How long it takes until there is another socket, in milliseconds; `most` when there is none until then.
  function waited(most = 100_000) {
    const before = FakeSocket.all.length;
    let time = 0;
    for (; time < most && FakeSocket.all.length === before; time += 50) timers.tick(50);
    return time;
  }

  test("connects to its own host", () => {
    live.start();
    assert.equal(page.socket.address, "wss://chat.example/live/");
    assert.equal(live.connected, false);
    page.socket.open();
    assert.equal(live.connected, true);
  });

  test("hands on each frame, also under its type", () => {
    const [frames, rooms, lists] = [heard("frame"), heard("frame:room"), heard("frame:list")];
    connect();
    page.socket.say({ type: "room", room: 7 });
    assert.deepEqual(frames, [{ type: "room", room: 7 }]);
    assert.deepEqual(rooms, frames);
    assert.deepEqual(lists, []);
  });

  test("sends only while there is a connection", () => {
    assert.equal(live.send({ type: "typing" }), false);
    connect();
    assert.equal(live.send({ type: "typing" }), true);
    assert.equal(page.socket.of("typing").length, 1);
    page.socket.end();
    assert.equal(live.send({ type: "typing" }), false);
  });

  test("asks for the rooms that are watched, at once and every ten seconds", () => {
    live.watch(7);
    live.watch(8);
    connect();
    assert.deepEqual(page.socket.of("heartbeat"), [{ type: "heartbeat", rooms: [7, 8] }]);
    page.socket.say({ type: "heads" });
    live.unwatch(7);
    timers.tick(10_000);
    assert.deepEqual(page.socket.of("heartbeat").at(-1).rooms, [8]);
  });

  test("waits longer after each failure, at most half a minute", () => {
    live.start();
    const waits = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      page.socket.end();
      waits.push(waited());
    }
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test("spreads the waits over the second half of their time", () => {
    chance = 0;
    live.start();
    page.socket.end();
    assert.equal(waited(), 250);
    chance = 0.5;
    page.socket.end();
    assert.equal(waited(), 750);
  });

  test("begins with short waits again after an answer of the server", () => {
    live.start();
    page.socket.end();
    waited();
    page.socket.end();
    waited();
    page.socket.open();
    page.socket.say({ type: "heads" });
    page.socket.end();
    assert.equal(waited(), 500);
  });

  test("a connection that opens and says nothing does not shorten the waits", () => {
    live.start();
    for (const wait of [500, 1_000, 2_000]) {
      page.socket.open();
      page.socket.end();
      assert.equal(waited(), wait);
    }
  });

  test("waits as long as the server asked for, once", () => {
    connect();
    page.socket.say({ type: "bye", after: 5_000 });
    page.socket.end(1001);
    assert.equal(waited(), 5_000);
    page.socket.end();
    assert.equal(waited(), 1_000);
  });

  test("waits long where there are too many sockets", () => {
    live.start();
    page.socket.end(4429);
    assert.equal(waited(), 15_000);
  });

  test("does not come back after signing out", () => {
    const [ended, closed] = [heard("signed-out"), heard("close")];
    connect();
    page.socket.end(4401);
    assert.equal(ended.length, 1);
    assert.equal(closed.length, 1);
    assert.equal(waited(), 100_000);
    dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.all.length, 1);
  });

  test("gives up a connection that does not answer a heartbeat", () => {
    const closed = heard("close");
    connect();
    timers.tick(5_999);
    assert.equal(live.connected, true);
    timers.tick(1);
    assert.equal(live.connected, false);
    assert.equal(closed.length, 1);
    assert.equal(page.socket.readyState, FakeSocket.CLOSING);
    assert.equal(waited(), 500);
  });

  test("any frame proves that the connection lives", () => {
    connect();
    timers.tick(5_000);
    page.socket.say({ type: "room" });
    timers.tick(4_999);
    assert.equal(live.connected, true);
  });

  test("what a socket says after it was given up is not heard", () => {
    const frames = heard("frame");
    connect();
    const first = page.socket;
    timers.tick(6_000);
    first.say({ type: "room" });
    first.end();
    assert.deepEqual(frames, []);
    timers.tick(500);
    assert.equal(FakeSocket.all.length, 2);
  });

  test("gives up a connection that does not come about within ten seconds", () => {
    live.start();
    timers.tick(9_999);
    assert.equal(page.socket.readyState, FakeSocket.CONNECTING);
    timers.tick(1);
    assert.equal(page.socket.readyState, FakeSocket.CLOSING);
    assert.equal(waited(), 500);
  });

  test("connects at once when the network is back", () => {
    live.start();
    page.socket.end();
    dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(waited(1_000), 1_000, "and not once more after the wait");
  });

  test("drops the connection with the network", () => {
    connect();
    dispatchEvent(new Event("offline"));
    assert.equal(live.connected, false);
  });

  test("asks at once when somebody looks at the page again", () => {
    connect();
    page.socket.say({ type: "heads" });
    document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(page.socket.of("heartbeat").length, 2);
  });
});
