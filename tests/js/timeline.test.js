// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { item, message, system, systemItem } from "./messages.js";
import { openPage } from "./page.js";

const TEXTS = {
  new_messages: "New", one_new_message: "1 new", n_new_messages: "{n} new", read: "Read", read_by: "Read by {n}",
  typing: "{name} is typing", someone: "Someone",
};

describe("what depends on the viewer and the neighbours", () => {
  let page;
  let decorate;

  beforeEach(async (t) => {
    page = openPage(t, { body: "<div data-log></div>", texts: TEXTS });
    ({ decorate } = await page.script("timeline/decorate.js"));
  });

  const log = () => page.find("[data-log]");
  const at = (time) => ({ at: `2026-11-20T${time}Z` });
  function show(...html) {
    log().innerHTML = html.join("");
    decorate(log(), null);
  }
  // Everything below the log by what it is.
  const standing = () => [...log().children].map((one) => one.dataset.seq ?? one.textContent);
  const having = (name) => [...log().querySelectorAll(`.${name}`)].map(({ dataset }) => Number(dataset.seq));

  test("own messages are the viewer's", () => {
    show(message(1, { author: 1 }), message(2, { author: 2 }), system(3));
    assert.deepEqual(having("mine"), [1]);
  });

  test("messages of one author within five minutes are a run", () => {
    const other = message(4, { author: 3, ...at("09:10:00") });
    show(message(1, at("09:00:00")), message(2, at("09:04:59")), message(3, at("09:09:59")), other);
    assert.deepEqual(having("message--run"), [2]);
  });

  test("a line between them ends the run", () => {
    show(message(1), system(2), message(3));
    assert.deepEqual(having("message--run"), []);
  });

  test("the time stands at the last message of a minute", () => {
    show(message(1, at("09:00:00")), message(2, at("09:00:59")), message(3, at("09:01:00")));
    assert.deepEqual(having("message--quiet"), [1]);
    assert.deepEqual(having("message--run"), [2, 3]);
  });

  test("days have a line before their first message, by the viewer's zone", () => {
    const days = ["18T22:59", "18T23:01", "19T10:00"];
    show(...days.map((day, n) => message(n + 1, { at: `2026-11-${day}:00Z` })));
    assert.deepEqual(standing(), ["Wednesday, 18 November", "1", "Thursday, 19 November", "2", "3"]);
    assert.deepEqual(having("message--run"), []);
  });

  test("the line of a day stays where it is, and moves when an earlier message comes", () => {
    show(message(2), message(3));
    const [day] = log().children;
    log().insertAdjacentHTML("beforeend", message(4));
    decorate(log(), null);
    assert.equal(log().firstElementChild, day);
    log().insertAdjacentHTML("afterbegin", message(1));
    decorate(log(), null);
    assert.deepEqual(standing(), ["Friday, 20 November", "1", "2", "3", "4"]);
  });

  test("the divider stands before the first message of others after what was read", () => {
    show(message(1), message(2, { author: 1 }), message(3), message(4));
    decorate(log(), 1);
    assert.deepEqual(standing(), ["Friday, 20 November", "1", "2", "New", "3", "4"]);
    assert.deepEqual(having("message--run"), [4], "the divider ends a run");
    decorate(log(), 3);
    assert.deepEqual(standing(), ["Friday, 20 November", "1", "2", "3", "New", "4"]);
    decorate(log(), null);
    assert.deepEqual(standing(), ["Friday, 20 November", "1", "2", "3", "4"]);
  });

  test("the divider stands between a day and its first message", () => {
    show(message(1, { at: "2026-11-19T10:00:00Z" }), message(2));
    decorate(log(), 1);
    const expected = ["Thursday, 19 November", "1", "Friday, 20 November", "New", "2"];
    assert.deepEqual(standing(), expected);
    decorate(log(), 1);
    assert.deepEqual(standing(), expected);
  });

  test("nothing is done twice", () => {
    show(message(1), message(2), message(3, { author: 1 }));
    decorate(log(), 1);
    const before = log().innerHTML;
    decorate(log(), 1);
    assert.equal(log().innerHTML, before);
  });
});

describe("who has read", () => {
  async function open(t, direct) {
    const body = `<script type="application/json" id="readers">{"1": [0, 9], "2": [0, 1], "3": [0, 2]}</script><div data-log>${
      message(1, { author: 1 }) + message(2, { author: 1 }) + message(3, { author: 2 })}</div>`;
    const page = openPage(t, { body, texts: TEXTS });
    const { Reads } = await page.script("timeline/reads.js");
    const log = page.find("[data-log]");
    const reads = new Reads(direct);
    return {
      reads,
      shown() {
        reads.show(log);
        return [...log.querySelectorAll("[data-read-count]")].map(({ textContent }) => textContent);
      },
      titles: () => [...log.querySelectorAll("[data-read-count]")].map(({ title }) => title),
    };
  }

  test("is counted in a group: others than the author, and the viewer who reads it now", async (t) => {
    const { reads, shown, titles } = await open(t, false);
    assert.deepEqual(shown(), ["2", "1", "1"]);
    assert.deepEqual(titles(), ["Read by 2", "Read by 1", "Read by 1"]);
    reads.move(2, 0, 3);
    reads.move(3, 0, 3);
    assert.deepEqual(shown(), ["2", "2", "2"]);
  });

  test("a position never goes back", async (t) => {
    const { reads, shown } = await open(t, false);
    reads.replace({ 2: [0, 3] });
    reads.replace({ 2: [0, 1] });
    assert.deepEqual(shown(), ["2", "2", "1"]);
  });

  test("who came later is no reader of what was before", async (t) => {
    const { reads, shown } = await open(t, false);
    reads.replace({ 2: [2, 3], 3: [3, 3] });
    assert.deepEqual(shown(), ["", "", "1"]);
    reads.move(4, 1, 3);
    assert.deepEqual(shown(), ["", "1", "2"]);
  });

  test("is a word at own messages where two people talk", async (t) => {
    const { shown } = await open(t, true);
    assert.deepEqual(shown(), ["Read", "Read", ""]);
  });
});

describe("a stretch from the middle", () => {
  let page;
  let middle;
  let asked;

  beforeEach(async (t) => {
    const link = '<a href="#" data-latest><span data-latest-text>Latest</span></a>';
    const body = `<div data-log>${message(4) + message(5)}</div>${link}`;
    page = openPage(t, { body, texts: TEXTS });
    const { Middle } = await page.script("timeline/detached-window.js");
    asked = [];
    middle = new Middle(page.find("[data-log]"), page.find("[data-latest]"), () => {
      asked.push("latest");
      return asked.length > 1 ? Promise.resolve() : Promise.reject(new TypeError("offline"));
    });
  });

  const words = () => page.find("[data-latest-text]").textContent;

  test("takes what changes in it, and counts what comes behind it", () => {
    assert.deepEqual(middle.fitting([item(5, { rev: 9 }), item(8), item(9)]).map(({ seq }) => seq), [5]);
    assert.equal(words(), "2 new");
  });

  test("does not count lines, changes and what the viewer wrote", () => {
    middle.fitting([systemItem(8), item(9, { author: 1 }), item(7, { rev: 10 })]);
    assert.equal(words(), "Latest");
    middle.fitting([item(11)]);
    assert.equal(words(), "1 new");
  });

  test("goes to the end as soon as that can be had, and keeps what came since it was wanted", async () => {
    middle.again();
    assert.deepEqual(asked, []);
    page.find("[data-latest]").click();
    middle.fitting([item(8)]);
    await middle.again();
    assert.deepEqual(asked, ["latest", "latest"]);
    assert.deepEqual(middle.beyond.map(({ seq }) => seq), [8]);
  });

  test("the message that was looked for is marked for a moment", async (t) => {
    const { markMessage } = await page.script("timeline/detached-window.js");
    const log = page.find("[data-log]");
    assert.equal(markMessage(log, "9"), null);
    const found = markMessage(log, "5");
    assert.equal(document.activeElement, found);
    assert.ok(found.classList.contains("message--at"));
    t.mock.timers.tick(2_500);
    assert.ok(!found.classList.contains("message--at"));
  });
});

describe("typing", () => {
  test("is shown for five seconds after it was last heard of, or until they sent it", async (t) => {
    const page = openPage(t, { body: '<b data-person="2">Min</b><p data-typing></p>', texts: TEXTS });
    const { Typing } = await page.script("timeline/typing.js");
    const place = page.find("[data-typing]");
    const typing = new Typing(place);
    typing.start(2);
    t.mock.timers.tick(3_000);
    typing.start(2);
    typing.start(3);
    assert.equal(place.textContent, "Min is typing Someone is typing");
    typing.stop(3);
    t.mock.timers.tick(4_999);
    assert.equal(place.textContent, "Min is typing");
    t.mock.timers.tick(1);
    assert.equal(place.textContent, "");
  });
});

describe("what is not acknowledged", () => {
  test("stands at the end in order, and says why it was refused", async (t) => {
    const texts = { ...TEXTS, sending: "Sending", not_sent: "Not sent." };
    const page = openPage(t, { body: "<div data-log></div>", texts });
    const { showAllPending, showPending, removePending } = await page.script("timeline/pending.js");
    const log = page.find("[data-log]");
    const entry = (id, error = "") => ({ client_id: id, room: 7, body: `<b>${id}</b>`, order: 1, error });
    const shown = () => [...log.children].map(({ dataset }) => dataset.pending ?? dataset.seq);
    log.innerHTML = message(1, { client: "stored" });
    showAllPending(log, [entry("a"), entry("b"), entry("stored")]);
    assert.deepEqual(shown(), ["1", "a", "b"]);
    assert.equal(log.children[1].querySelector(".bubble").textContent, "<b>a</b>");
    showPending(log, entry("a", "The room is closed."));
    assert.match(log.children[1].textContent, /Not sent\. The room is closed\./);
    showAllPending(log, [entry("a", "The room is closed.")]);
    assert.deepEqual(shown(), ["1", "a"]);
    removePending(log, entry("a"));
    assert.deepEqual(shown(), ["1"]);
  });
});
