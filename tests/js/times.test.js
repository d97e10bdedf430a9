// @ts-check
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPage } from "./page.js";

const TEXTS = { yesterday: "Yesterday" };

/** What a <time> of the moment shows on a page that is opened `now`. */
async function shown(t, format, at, { now = "2026-11-20T10:00:00Z", zone = "Europe/Vienna", language = "en" } = {}) {
  const body = `<time datetime="${at}" data-format="${format}">${at}</time>`;
  const page = openPage(t, { body, texts: TEXTS, data: { timeZone: zone, language }, now });
  const { applyTimes } = await page.script("lib/times.js");
  applyTimes(document);
  return page.find("time").textContent;
}

describe("in a list", () => {
  const list = (t, at, more) => shown(t, "list", at, more);

  test("today is a time", async (t) => {
    assert.equal(await list(t, "2026-11-20T08:05:00Z"), "09:05");
  });

  test("midnight begins today, and is 00:00", async (t) => {
    assert.equal(await list(t, "2026-11-19T23:00:00Z"), "00:00");
    assert.equal(await list(t, "2026-11-19T22:59:59Z"), "Yesterday");
  });

  test("midnight is the viewer's own", async (t) => {
    const zone = "America/Los_Angeles";
    assert.equal(await list(t, "2026-11-20T08:00:00Z", { zone }), "00:00");
    assert.equal(await list(t, "2026-11-20T07:59:00Z", { zone }), "Yesterday");
    assert.equal(await list(t, "2026-11-20T07:59:00Z", { zone: "Asia/Seoul" }), "16:59");
  });

  test("what is older is a day, and of other years with the year", async (t) => {
    assert.equal(await list(t, "2026-11-18T22:59:00Z"), "18 Nov");
    assert.equal(await list(t, "2026-01-01T00:00:00Z"), "1 Jan");
    assert.equal(await list(t, "2025-11-20T10:00:00Z"), "20 Nov 2025");
  });

  test("the year is the viewer's own", async (t) => {
    const now = "2026-12-31T23:30:00Z";
    assert.equal(await list(t, "2026-12-31T22:30:00Z", { now }), "Yesterday");
    assert.equal(await list(t, "2026-12-29T22:30:00Z", { now }), "29 Dec 2026");
    assert.equal(await list(t, "2026-12-29T22:30:00Z", { now, zone: "Europe/London" }), "29 Dec");
  });

  test("yesterday is right in the hour after a day of 23 hours", async (t) => {
    const now = "2026-03-29T22:30:00Z"; // 00:30 on 30 March
    assert.equal(await list(t, "2026-03-29T10:00:00Z", { now }), "Yesterday");
    assert.equal(await list(t, "2026-03-28T10:00:00Z", { now }), "28 Mar");
  });

  test("yesterday is right in the last hour of a day of 25 hours", async (t) => {
    const now = "2026-10-25T22:30:00Z"; // 23:30 on 25 October
    assert.equal(await list(t, "2026-10-24T10:00:00Z", { now }), "Yesterday");
  });

  test("a clock of the server that is ahead shows a day", async (t) => {
    assert.equal(await list(t, "2026-11-21T10:00:00Z"), "21 Nov");
  });

  test("the words are of the viewer's language", async (t) => {
    assert.equal(await list(t, "2026-11-18T10:00:00Z", { language: "ko" }), "11월 18일");
    assert.equal(await list(t, "2025-11-18T10:00:00Z", { language: "ja" }), "2025年11月18日");
  });
});

describe("elsewhere", () => {
  test("the time of a message is that of its minute, whatever the day", async (t) => {
    assert.equal(await shown(t, "time", "2024-06-01T21:05:00Z"), "23:05");
  });

  test("a date has its weekday, and its year when that is another", async (t) => {
    assert.equal(await shown(t, "date", "2026-11-18T10:00:00Z"), "Wednesday, 18 November");
    assert.equal(await shown(t, "date", "2025-11-18T10:00:00Z"), "Tuesday, 18 November 2025");
    assert.equal(await shown(t, "date", "2026-11-18T10:00:00Z", { language: "ko" }), "11월 18일 수요일");
  });

  test("a moment has its day unless that is today", async (t) => {
    assert.equal(await shown(t, "datetime", "2026-11-20T08:05:00Z"), "09:05");
    assert.equal(await shown(t, "datetime", "2026-11-19T08:05:00Z"), "Yesterday 09:05");
    assert.equal(await shown(t, "datetime", "2025-11-19T08:05:00Z"), "19 Nov 2025 09:05");
  });

  test("what is no moment, or no format, is left as it came", async (t) => {
    assert.equal(await shown(t, "list", "soon"), "soon");
    assert.equal(await shown(t, "sundial", "2026-11-20T08:05:00Z"), "2026-11-20T08:05:00Z");
  });

  test("the whole of it is the title, unless there is one already", async (t) => {
    await shown(t, "time", "2026-11-20T08:05:00Z");
    assert.equal(document.querySelector("time").title, "Friday, 20 November 2026 09:05");
    const body = '<time datetime="2026-11-20T08:05:00Z" data-format="time" title="Sent"></time>';
    const page = openPage(t, { body });
    (await page.script("lib/times.js")).applyTimes(document);
    assert.equal(page.find("time").title, "Sent");
  });
});

describe("two moments", () => {
  test("are of the same day and minute by the viewer's zone", async (t) => {
    const page = openPage(t, { data: { timeZone: "Asia/Tokyo" } });
    const { dayOf, minuteOf } = await page.script("lib/times.js");
    assert.equal(dayOf(new Date("2026-11-20T14:59:59Z")), "2026-11-20");
    assert.equal(dayOf(new Date("2026-11-20T15:00:00Z")), "2026-11-21");
    const minute = (second) => minuteOf(new Date(`2026-11-20T09:00:${second}Z`));
    assert.equal(minute("00"), minute("59"));
    assert.notEqual(minute("59"), minuteOf(new Date("2026-11-20T09:01:00Z")));
  });
});

describe("a page that stays open", () => {
  const body = '<time datetime="2026-11-20T22:57:00Z" data-format="list"></time>';

  test("shows what is of yesterday as such when a day begins", async (t) => {
    const page = openPage(t, { body, texts: TEXTS, now: "2026-11-20T22:58:00Z" });
    const { applyTimes, followDays } = await page.script("lib/times.js");
    applyTimes(document);
    followDays();
    t.mock.timers.tick(60_000);
    assert.equal(page.find("time").textContent, "23:57");
    t.mock.timers.tick(90_000);
    assert.equal(page.find("time").textContent, "Yesterday");
  });

  test("goes on in the device's own zone when the browser does not know the member's", async (t) => {
    const page = openPage(t, { body, texts: TEXTS, data: { timeZone: "Mars/Olympus" }, now: "2026-11-20T22:58:00Z" });
    const { applyTimes } = await page.script("lib/times.js");
    applyTimes(document);
    assert.match(page.find("time").textContent, /^\d\d:57$|^Yesterday$/);
  });
});
