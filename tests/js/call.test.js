// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";

const person = (member, more = {}) =>
  ({ member, name: `person ${member}`, state: "joined", device: `page ${member}`, lost: false, ...more });

describe("how a call stands", () => {
  let standing;

  beforeEach(async (t) => {
    ({ standing } = await openPage(t).script("call-window/call-state.js"));
  });

  const call = (more) => ({ state: "live", people: [person(1), person(2)], ...more });

  const left = person(2, { lost: true });

  for (const [name, snapshot, states, away, state, says] of [
    ["rings until somebody answers", call({ state: "ringing" }), [], false, "ringing", "ringing"],
    ["rings also for a page that was away", call({ state: "ringing" }), [], true, "ringing", "ringing"],
    ["is lost for a page that the server has lost", call(), ["connected"], true, "lost", "connection_lost"],
    ["goes on alone", call({ people: [person(1)] }), [], false, "live", "alone"],
    ["waits for somebody who was lost", call({ people: [person(1), left] }), [], false, "lost", "connection_lost"],
    ["does not wait for the viewer", call({ people: [person(1, { lost: true })] }), [], false, "live", "alone"],
    ["goes on while one of the others is there", call(), ["lost", "connected", "dead"], false, "live", ""],
    ["is lost while one may come back", call(), ["dead", "lost"], false, "lost", "connection_lost"],
    ["connects", call(), ["connecting"], false, "connecting", "connecting"],
    ["is dead when nobody can be reached", call(), ["dead", "dead"], false, "dead", "connection_dead"],
  ]) {
    test(name, () => assert.deepEqual(standing(snapshot, states, away), { state, says }));
  }
});

describe("how long a call lasted", () => {
  test("is minutes and seconds, and hours when there are some", async (t) => {
    const { lengthText } = await openPage(t).script("call-window/clock.js");
    const lengths = [0, 999, 59_999, 60_000, 3_599_999, 3_600_000, 36_061_000, -1].map(lengthText);
    assert.deepEqual(lengths, ["0:00", "0:00", "0:59", "1:00", "59:59", "1:00:00", "10:01:01", "0:00"]);
  });

  async function clock(t) {
    const page = openPage(t, { body: "<time hidden></time>" });
    const { Clock } = await page.script("call-window/clock.js");
    return [new Clock(page.find("time")), page.find("time")];
  }

  test("counts from when it was answered", async (t) => {
    const [time, shown] = await clock(t);
    assert.equal(time.length, "");
    time.follow({ answered_at: "2026-11-20T09:58:00Z" });
    assert.equal(shown.textContent, "2:00");
    assert.equal(shown.hidden, false);
    t.mock.timers.tick(61_000);
    assert.equal(shown.textContent, "3:01");
    time.stop();
    t.mock.timers.tick(61_000);
    assert.equal(shown.textContent, "3:01");
  });

  test("counts from now when this page saw it begin", async (t) => {
    const [time] = await clock(t);
    time.follow({ answered_at: null });
    time.follow({ answered_at: "2026-11-20T09:00:00Z" });
    assert.equal(time.length, "0:00");
  });

  for (const [what, now] of [["ahead", "2026-11-20T11:30:00Z"], ["behind", "2026-11-20T08:10:00Z"]]) {
    test(`is right where this device's clock is ${what}`, async (t) => {
      const body = '<wb-call data-now="2026-11-20T10:00:00Z"></wb-call><time hidden></time>';
      const page = openPage(t, { body, now });
      const { Clock } = await page.script("call-window/clock.js");
      const time = new Clock(page.find("time"));
      time.follow({ answered_at: "2026-11-20T09:58:00Z" });
      assert.equal(time.length, "2:00");
      t.mock.timers.tick(5_000);
      assert.equal(time.length, "2:05");
    });
  }
});

describe("how a call ended", () => {
  test("is said from the viewer's side", async (t) => {
    const texts = { ended_after: "after {length}", ended_no_answer: "{name} did not answer", ended_missed: "missed {name}" };
    const page = openPage(t, { texts });
    const { endedText } = await page.script("call-window/ended-text.js");
    const said = (outcome, mine, more = {}) =>
      endedText({ outcome, started_by: mine ? 1 : 2, answered_at: null, ended_at: null, ...more }, "Min");
    const talked = { answered_at: "2026-11-20T09:00:00Z", ended_at: "2026-11-20T09:01:05Z" };
    assert.equal(said("ended", true, talked), "after 1:05");
    assert.equal(said("ended", true), "ended");
    assert.deepEqual([said("no_answer", true), said("no_answer", false)], ["Min did not answer", "missed Min"]);
    assert.deepEqual([said("busy", true), said("busy", false)], ["ended_busy", "missed Min"]);
    assert.deepEqual([said("declined", true), said("declined", false)], ["ended_declined", "ended_you_declined"]);
    assert.deepEqual([said("cancelled", true), said("cancelled", false)], ["ended_you_cancelled", "ended_cancelled"]);
    assert.deepEqual([said("not_allowed", false), said("of later", false)], ["ended_not_allowed", "ended"]);
  });
});

describe("the tiles of a call", () => {
  test("are as large as they can be", async (t) => {
    const { tiling } = await openPage(t).script("call-window/tiling.js");
    const grid = (...args) => Object.values(tiling(...args)).slice(0, 2).join("×");
    assert.equal(grid(1, 1_000, 700), "1×1");
    assert.equal(grid(2, 1_000, 400), "2×1");
    assert.equal(grid(2, 390, 700), "1×2");
    assert.equal(grid(4, 1_000, 700), "2×2");
    assert.equal(grid(5, 1_000, 700), "3×2");
    assert.equal(grid(6, 390, 700), "2×3");
    assert.equal(grid(0, 1_000, 700), "1×1");
  });
});

describe("what a device's fault says", () => {
  test("is a sentence for what can be done about it", async (t) => {
    const page = openPage(t);
    const { mediaFault, changedMind } = await page.script("call-window/faults.js");
    const fault = (name) => mediaFault({ name }, "camera");
    assert.equal(fault("NotAllowedError"), "fault_insecure");
    Object.defineProperty(navigator, "mediaDevices", { value: {}, configurable: true });
    assert.equal(fault("NotAllowedError"), "fault_camera_permission");
    assert.equal(fault("OverconstrainedError"), "fault_camera_missing");
    assert.equal(fault("NotReadableError"), "fault_camera_busy");
    assert.equal(mediaFault(undefined, "microphone"), "fault_microphone_other");
    assert.deepEqual([{ name: "AbortError" }, { name: "NotReadableError" }, null].map(changedMind), [true, false, false]);
  });
});

describe("a page's part in a call", () => {
  let page;
  let session;
  let heard;

  async function load(t, { snapshot = null } = {}) {
    page = openPage(t, { path: "/calls/" });
    t.mock.method(performance, "now", () => Date.now());
    const { live } = await page.script("live.js");
    const { Session } = await page.script("call-window/session.js");
    session = new Session({ calls: "/calls/", start: "/calls/start/", snapshot });
    heard = [];
    for (const type of ["snapshot", "signal", "gone", "back"]) {
      session.addEventListener(type, ({ detail }) => heard.push(detail ? [type, detail.data ?? detail] : type));
    }
    live.start();
    page.socket.open();
    heard.length = 0;
  }

  beforeEach((t) => load(t));

  const call = (rev, more = {}) =>
    ({ id: 3, rev, state: "live", people: [person(1, { device: session.device }), person(2)], ...more });

  async function start() {
    const starting = session.start({ room: 7, kind: "voice" });
    await page.server.answer(call(1));
    await starting;
    heard.length = 0;
  }

  test("starts one, and is found under its address", async () => {
    await start();
    assert.equal(page.server.addresses[0], "/calls/start/");
    assert.equal(location.pathname, "/calls/3/");
    assert.ok(session.joined && session.wasHere);
    assert.deepEqual(page.socket.of("in_call").at(-1), { type: "in_call", call: 3, device: session.device, rev: 1 });
  });

  test("says every three seconds that it is there, until it leaves", async (t) => {
    await start();
    const beats = () => page.socket.of("in_call").length;
    const before = beats();
    t.mock.timers.tick(3_000);
    assert.equal(beats(), before + 1);
    session.leave();
    t.mock.timers.tick(3_000);
    assert.equal(beats(), before + 1);
    assert.equal(page.server.addresses.at(-1), "/calls/3/leave");
    assert.ok(!session.wasHere);
  });

  test("hears of what is newer, and of no other call", async () => {
    await start();
    page.socket.say({ type: "call", call: call(3) });
    page.socket.say({ type: "call", call: call(2) });
    page.socket.say({ type: "call", call: { ...call(9), id: 4 } });
    assert.deepEqual(heard, ["snapshot"]);
    assert.equal(session.snapshot.rev, 3);
  });

  test("a frame that came before the answer may know more", async () => {
    const joining = session.start({ room: 7, kind: "voice" });
    session.snapshot = call(5);
    await page.server.answer(call(4));
    await joining;
    assert.equal(session.snapshot.rev, 5);
    assert.ok(session.joined);
  });

  test("takes signals for this page only", async () => {
    await start();
    page.socket.say({ type: "signal", call: 3, to_device: session.device, from: 2, device: "page 2", data: "for me" });
    page.socket.say({ type: "signal", call: 3, to_device: "another", data: "for another page" });
    page.socket.say({ type: "signal", call: 4, to_device: session.device, data: "of another call" });
    assert.deepEqual(heard, [["signal", "for me"]]);
  });

  test("is told why it is out, once", async () => {
    await start();
    page.socket.say({ type: "call_gone", call: 3, device: "another", reason: "elsewhere" });
    assert.deepEqual(heard, []);
    page.socket.say({ type: "call_gone", call: 3, device: null, reason: "removed" });
    page.socket.say({ type: "call_gone", call: 3, device: null, reason: "over" });
    assert.deepEqual(heard, [["gone", "removed"]]);
  });

  test("that the server lost joins again as a page of its own, until it works", async (t) => {
    await start();
    const before = session.device;
    const coming = session.comeBack(() => ({ mic: true, camera: false }));
    assert.notEqual(session.device, before);
    await page.server.fail();
    t.mock.timers.tick(1_000);
    await settle();
    await page.server.answer(call(6));
    assert.equal(await coming, true);
    assert.equal(page.server.addresses.at(-1), "/calls/3/join");
  });

  test("does not come back into a call that is over", async () => {
    await start();
    const coming = session.comeBack(() => ({ mic: true, camera: false }));
    await page.server.answer({ code: "over", text: "It is over." }, { status: 409 });
    assert.equal(await coming, false);
  });

  test("gives up after twenty seconds", async (t) => {
    await start();
    const coming = session.comeBack(() => ({ mic: true, camera: false }));
    for (let second = 0; second < 20; second += 1) {
      await page.server.fail();
      t.mock.timers.tick(1_000);
      await settle();
    }
    assert.equal(await coming, false);
  });

  test("remembers over a reload what it sent", async () => {
    assert.deepEqual(session.sent, { mic: true, camera: false });
    await start();
    session.status({ mic: false, camera: true, screen: true });
    assert.deepEqual(session.sent, { mic: false, camera: true });
    assert.deepEqual(page.socket.of("call_status").at(-1).screen, true);
  });
});
