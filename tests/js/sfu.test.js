// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";
import { FakeConnection, FakeStream } from "./rtc.js";

const ACCESS = { url: "wss://media.example/", token: "t", room: 9, feed: 1, pin: "p" };
const PEOPLE = [{ member: 2, feed: 22 }, { member: 3, feed: 33 }];

describe("a group call through Janus", () => {
  let page;
  let timers;
  let made;
  let ways;
  let sfu;
  let waiting;

  beforeEach(async (/** @type {import("node:test").TestContext} */ t) => {
    page = openPage(t);
    timers = t.mock.timers;
    t.mock.method(console, "warn", () => {});
    made = [];
    class Connection extends FakeConnection {
      constructor(configuration) {
        super(configuration);
        made.push(this);
      }
    }
    Object.assign(globalThis, { RTCPeerConnection: Connection, MediaStream: FakeStream });
    ways = { configuration: async () => ({}) };
    const { Sfu } = await page.script("call-window/sfu.js");
    const media = { audio: "sound", video: null };
    waiting = [];
    sfu = new Sfu({ address: "/calls/3/media?device=d", media, ways, changed: () => {} });
    await reach();
  });

  // The server says where Janus is, and Janus lets this page in.
  async function reach() {
    await page.server.answer({ janus: ACCESS });
    waiting = [];
    page.socket.open();
    await settle();
    await answer({ data: { id: 100 } });
    await answer({ data: { id: 200 } });
  }

  // Janus answers what it was asked last.
  async function answer(more) {
    waiting.push(page.socket.sent.at(-1));
    page.socket.say({ janus: "success", transaction: waiting.at(-1).transaction, ...more });
    await settle();
  }

  const event = (data, jsep) => answer({ janus: "event", plugindata: { data }, jsep });
  const asked = () => page.socket.sent.map(({ janus, body }) => body?.request ?? janus);

  async function publish(publishers) {
    await event({ private_id: 5, publishers });
    await event({}, { type: "answer", sdp: "" });
  }

  test("sends what this page has, with the server's token", async () => {
    await publish([]);
    assert.equal(page.socket.address, ACCESS.url);
    assert.deepEqual(asked(), ["create", "attach", "join", "publish"]);
    assert.ok(page.socket.sent.every(({ token }) => token === "t"));
    assert.deepEqual(made[0].getTransceivers().map(({ sender }) => sender.track), ["sound", null]);
  });

  test("receives those who are in the call and at Janus", async () => {
    sfu.sync(PEOPLE);
    await publish([{ id: 22 }, { id: 44 }]);
    await answer({ data: { id: 300 } });
    const { body } = page.socket.sent.at(-1);
    assert.deepEqual([body.request, body.ptype, body.streams], ["join", "subscriber", [{ feed: 22 }]]);
    await event({ streams: [{ mid: "0", feed_id: 22 }] }, { type: "offer", sdp: "" });
    assert.equal(asked().at(-1), "start");
    assert.equal(sfu.stream(2).getTracks().length, 1);
    assert.equal(sfu.stream(3), undefined);
    assert.ok(sfu.delivers(2));
  });

  test("tries again with longer waits while Janus cannot be reached", async () => {
    page.socket.end();
    for (const wait of [1_000, 2_000, 4_000]) {
      const before = page.server.asked.length;
      timers.tick(wait - 1);
      assert.equal(page.server.asked.length, before);
      timers.tick(1);
      assert.equal(page.server.asked.length, before + 1);
      await page.server.fail();
    }
    assert.equal(page.server.addresses.at(-1), "/calls/3/media?device=d&again=1");
  });

  test("makes no connection for an attempt that was given up meanwhile", async () => {
    let go;
    const configured = new Promise((done) => {
      go = done;
    });
    ways.configuration = () => configured;
    await event({ private_id: 5, publishers: [] });
    sfu.wake();
    go({});
    await settle();
    assert.deepEqual(made, []);
    ways.configuration = async () => ({});
    timers.tick(100);
    await reach();
    await publish([]);
    assert.equal(made.length, 1);
    assert.deepEqual(sfu.peers, made);
  });
});
