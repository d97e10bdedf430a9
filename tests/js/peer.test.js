// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";
import { FakeConnection, FakeStream } from "./rtc.js";

describe("a connection between two pages", () => {
  let Peer;
  let timers;
  let lost;
  let ways;

  beforeEach(async (/** @type {import("node:test").TestContext} */ t) => {
    const page = openPage(t);
    timers = t.mock.timers;
    t.mock.method(performance, "now", () => Date.now());
    Object.assign(globalThis, { RTCPeerConnection: FakeConnection, MediaStream: FakeStream });
    lost = () => false;
    ways = { configuration: async () => ({ iceServers: [] }) };
    ({ Peer } = await page.script("call-window/peer.js"));
  });

  // Two pages, of which each hears what the other signals, unless it is lost.
  function pair({ first = true, second = false } = {}) {
    const told = [];
    const make = (name, polite, offers, other) =>
      new Peer({
        configuration: {},
        ways,
        polite,
        offers,
        signal(data) {
          told.push(`${name} ${data.description?.type ?? `${data.candidates.length} candidates`}`);
          if (!lost(name, data)) other().receive(data);
        },
      });
    const a = make("a", true, first, () => b);
    const b = make("b", false, second, () => a);
    for (const one of [a, b]) one.send("sound", null);
    return { a, b, told };
  }

  const up = (...peers) => peers.forEach(({ pc }) => pc.becomes("connected"));
  const sends = ({ pc }) => pc.getTransceivers().map(({ sender }) => sender.track);

  async function pass(milliseconds) {
    for (let left = milliseconds; left > 0; left -= 500) {
      timers.tick(Math.min(500, left));
      await settle();
    }
  }

  test("comes about by an offer and an answer, both ways open", async () => {
    const { a, b, told } = pair();
    await settle();
    assert.deepEqual(told, ["a offer", "b answer"]);
    assert.deepEqual([a.pc.signalingState, b.pc.signalingState], ["stable", "stable"]);
    assert.deepEqual(sends(b), ["sound", null]);
    assert.ok([a, b].every(({ pc }) => pc.getTransceivers().every(({ direction }) => direction === "sendrecv")));
  });

  test("comes about when both offer at once: the polite one gives way", async () => {
    const { a, b, told } = pair({ second: true });
    await settle();
    assert.deepEqual(told.toSorted(), ["a answer", "a offer", "b offer"]);
    assert.deepEqual([a.pc.signalingState, b.pc.signalingState], ["stable", "stable"]);
  });

  test("says when it is up, once", async () => {
    const { a } = pair();
    const states = [];
    a.addEventListener("state", () => states.push(a.state));
    assert.equal(a.state, "connecting");
    up(a);
    up(a);
    assert.deepEqual(states, ["connected"]);
  });

  test("takes in candidates after their description, and those of an ignored offer without a fault", async (t) => {
    const warned = t.mock.method(console, "warn", () => {});
    const { a, b } = pair({ second: true });
    a.pc.addIceCandidate = () => Promise.reject(new Error("unknown"));
    b.pc.addIceCandidate = () => Promise.reject(new Error("of the offer that was ignored"));
    b.receive({ candidates: [{ candidate: "x" }] });
    await settle();
    const faults = warned.mock.callCount();
    b.receive({ description: { type: "offer", sdp: "" } });
    b.pc.signalingState = "have-local-offer";
    b.receive({ candidates: [{ candidate: "x" }] });
    await settle();
    assert.equal(warned.mock.callCount(), faults);
  });

  test("sends candidates that come close together at once, at most twenty at a time", () => {
    const { a, told } = pair();
    for (let n = 0; n < 25; n += 1) a.pc.finds(`candidate ${n}`);
    a.pc.happen("icecandidate", { candidate: null });
    a.pc.finds("");
    timers.tick(19);
    assert.deepEqual(told, []);
    timers.tick(1);
    assert.deepEqual(told, ["a 20 candidates", "a 5 candidates"]);
  });

  test("replaces tracks without negotiating again", async () => {
    const { a, told } = pair();
    await settle();
    told.length = 0;
    await a.send("sound", "picture");
    assert.deepEqual(sends(a), ["sound", "picture"]);
    await a.send(null, null);
    assert.deepEqual(sends(a), [null, null]);
    assert.deepEqual(told, []);
  });

  describe("that is lost", () => {
    test("waits a moment before it looks for another way", async () => {
      const { a, b } = pair();
      await settle();
      up(a, b);
      a.pc.becomes("disconnected");
      assert.equal(a.state, "lost");
      await pass(1_000);
      assert.equal(a.pc.restarts, 0);
      await pass(500);
      assert.equal(a.pc.restarts, 1);
    });

    test("and comes back by itself is left alone", async () => {
      const { a, b } = pair();
      await settle();
      up(a, b);
      a.pc.becomes("disconnected");
      await pass(1_000);
      up(a);
      await pass(10_000);
      assert.equal(a.pc.restarts, 0);
      assert.equal(a.state, "connected");
    });

    test("for good looks for another way at once, and every four seconds", async () => {
      const { a, b } = pair();
      await settle();
      up(a, b);
      a.pc.becomes("failed");
      await pass(500);
      assert.equal(a.pc.restarts, 1);
      await pass(8_000);
      assert.equal(a.pc.restarts, 3);
    });

    test("asks for the servers each time, and tries again without an answer", async () => {
      const { a, b } = pair();
      await settle();
      up(a, b);
      ways.configuration = () => Promise.reject(new TypeError("offline"));
      a.pc.becomes("failed");
      await pass(500);
      assert.equal(a.pc.restarts, 0);
      ways.configuration = async () => ({ iceServers: ["new"] });
      await pass(4_000);
      assert.equal(a.pc.restarts, 1);
      assert.deepEqual(a.pc.configurations.at(-1), { iceServers: ["new"] });
    });

    test("is given up after twenty seconds, and may still come back", async () => {
      const { a, b } = pair();
      await settle();
      up(a, b);
      a.pc.becomes("failed");
      await pass(20_000);
      assert.equal(a.state, "lost");
      await pass(4_000);
      assert.equal(a.state, "dead");
      up(a);
      assert.equal(a.state, "connected");
    });
  });

  test("makes an offer again that nobody answered, the same one", async () => {
    lost = (name) => name === "a";
    const { a, told } = pair();
    await settle();
    const { sdp } = a.pc.localDescription;
    lost = () => false;
    await pass(4_000);
    assert.deepEqual(told, ["a offer", "a offer", "b answer"]);
    assert.equal(a.pc.localDescription.sdp, sdp);
  });

  test("offers itself when the offer that it waits for does not come", async () => {
    const { b, told } = pair({ first: false });
    await pass(5_000);
    assert.deepEqual(told, []);
    await pass(500);
    assert.ok(told.includes("b offer"));
    assert.equal(b.pc.signalingState, "stable");
  });

  test("looks for another way when the page wakes up, unless it works", async () => {
    const { a, b } = pair();
    await settle();
    up(a, b);
    a.wake();
    await settle();
    assert.equal(a.pc.restarts, 0);
    a.pc.connectionState = "disconnected";
    a.wake();
    await settle();
    assert.equal(a.pc.restarts, 1);
  });

  test("does nothing any more after it was closed", async () => {
    const { a, told } = pair();
    await settle();
    told.length = 0;
    a.pc.finds("candidate");
    a.close();
    a.pc.becomes("failed");
    a.wake();
    await pass(30_000);
    assert.deepEqual(told.filter((one) => one.startsWith("a ")), []);
    assert.equal(a.state, "closed");
  });

  test("receives sound at once and a picture when there is one", () => {
    const { a } = pair();
    const heard = [];
    a.addEventListener("tracks", () => heard.push(a.stream.getTracks().map(({ kind }) => kind)));
    let unmute;
    const track = (kind, muted) => ({ kind, muted, addEventListener: (_type, action) => (unmute = action) });
    const picture = track("video", true);
    a.pc.happen("track", { track: picture });
    a.pc.happen("track", { track: track("audio", true) });
    assert.deepEqual(heard, [["audio"]]);
    picture.muted = false;
    unmute();
    a.pc.happen("track", { track: track("audio", false) });
    assert.deepEqual(heard, [["audio"], ["audio", "video"], ["video", "audio"]]);
  });
});
