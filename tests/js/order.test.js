// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { item, message } from "./messages.js";
import { openPage } from "./page.js";

const CLIENT = "11111111-1111-4111-8111-111111111111";

describe("the messages of a log", () => {
  let page;
  let order;
  let log;

  beforeEach(async (t) => {
    page = openPage(t, { body: "<div data-log></div>" });
    order = await page.script("timeline/order.js");
    log = page.find("[data-log]");
  });

  // What stands in the log: numbers, "…" for what is pending, names of other elements.
  const standing = () => [...log.children].map(({ dataset, className, localName }) =>
    "pending" in dataset ? "…" : dataset.seq ? Number(dataset.seq) : className || localName);
  const fresh = (items) => order.put(log, items).map(({ dataset }) => Number(dataset.seq));
  const pend = (id = CLIENT) => log.insertAdjacentHTML("beforeend", `<article data-pending="${id}">written</article>`);

  test("stand by their numbers, however they come", () => {
    assert.deepEqual(fresh([item(3), item(1)]), [3, 1]);
    assert.deepEqual(fresh([item(2), item(5), item(4)]), [2, 5, 4]);
    assert.deepEqual(standing(), [1, 2, 3, 4, 5]);
    assert.equal(order.lastSeq(log), 5);
  });

  test("stand once each: the same again is not new", () => {
    fresh([item(1), item(2)]);
    assert.deepEqual(fresh([item(2), item(1), item(1)]), []);
    assert.deepEqual(standing(), [1, 2]);
  });

  test("give way to a newer revision of themselves, in their place", () => {
    fresh([item(1), item(2), item(3)]);
    assert.deepEqual(fresh([item(2, { rev: 4, words: "edited" })]), []);
    assert.deepEqual(standing(), [1, 2, 3]);
    assert.equal(log.children[1].textContent.trim(), "edited");
  });

  test("do not give way to an older revision", () => {
    fresh([item(1, { rev: 5, words: "edited" })]);
    assert.deepEqual(fresh([item(1, { rev: 4, words: "before" }), item(1, { rev: 5, words: "the same" })]), []);
    assert.equal(log.textContent, "edited");
  });

  test("go when there is nothing to show of them any more", () => {
    fresh([item(1), item(2)]);
    order.put(log, [{ seq: 1, rev: 3, html: "" }]);
    assert.deepEqual(standing(), [2]);
    assert.deepEqual(order.put(log, [{ seq: 9, rev: 9, html: "" }]), []);
  });

  test("none: the last number is nothing", () => {
    assert.equal(order.lastSeq(log), 0);
    assert.equal(order.shown(log).length, 0);
  });

  test("come before what is not acknowledged yet", () => {
    pend();
    fresh([item(1), item(2)]);
    fresh([item(3)]);
    assert.deepEqual(standing(), [1, 2, 3, "…"]);
  });

  test("take the place of what was pending, and are nothing new to who wrote them", () => {
    fresh([item(1)]);
    pend();
    assert.deepEqual(fresh([item(2, { client: CLIENT })]), []);
    assert.deepEqual(standing(), [1, 2]);
  });

  test("leave alone what else is pending", () => {
    pend();
    pend("22222222-2222-4222-8222-222222222222");
    fresh([item(1, { client: CLIENT })]);
    assert.deepEqual(standing(), [1, "…"]);
  });

  test("are not shown before a gap, when there are earlier ones that are not here", () => {
    fresh([item(10), item(11)]);
    log.insertAdjacentHTML("afterbegin", '<a class="older" data-older></a>');
    assert.deepEqual(fresh([item(4, { rev: 12 })]), []);
    assert.deepEqual(standing(), ["older", 10, 11]);
  });

  test("are shown before the first when nothing earlier is missing", () => {
    fresh([item(10)]);
    assert.deepEqual(fresh([item(4, { rev: 12 })]), [4]);
    assert.deepEqual(standing(), [4, 10]);
  });

  test("lines of days between them stay where they are", () => {
    fresh([item(1), item(3)]);
    log.lastElementChild.insertAdjacentHTML("beforebegin", '<p class="date-line"></p>');
    fresh([item(4)]);
    assert.deepEqual(standing(), [1, "date-line", 3, 4]);
  });

  test("are replaced by a whole timeline, but not what is pending", () => {
    fresh([item(1), item(2)]);
    log.insertAdjacentHTML("afterbegin", '<a class="older" data-older></a>');
    pend();
    order.replaceAll(log, message(8) + message(9));
    assert.deepEqual(standing(), [8, 9, "…"]);
  });
});
