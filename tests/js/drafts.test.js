// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage } from "./page.js";

const TEXTS = { too_long: "{n} of {max}", characters_left: "{n} left", nothing_to_send: "nothing to see" };
const composer = (room = 7, { draft = "", note = "" } = {}) =>
  `<wb-composer data-room="${room}"><form method="post"><textarea data-text>${draft}</textarea>` +
  `<p data-note>${note}</p><button>Send</button></form></wb-composer>`;

describe("what is being written", () => {
  let page;
  let outbox;

  /**
   * @param {import("node:test").TestContext} t
   * @param {Parameters<typeof openPage>[1]} [options]
   */
  async function load(t, { body = composer(), ...more } = {}) {
    page = openPage(t, { body, texts: TEXTS, ...more });
    await page.script("elements/wb-composer.js");
    ({ outbox } = await page.script("outbox.js"));
    const { live } = await page.script("live.js");
    live.start();
    page.socket.open();
  }

  beforeEach((/** @type {import("node:test").TestContext} */ t) => load(t));

  const area = () => page.find("[data-text]");
  const kept = () => ({ ...localStorage });
  const draft = (room = 7) => localStorage.getItem(`wb.1.draft.${room}`);
  const note = () => page.find("[data-note]").textContent;
  const written = () => outbox.of(7).map(({ body }) => body);

  function type(words) {
    area().value = words;
    area().dispatchEvent(new Event("input", { bubbles: true }));
  }

  function press(key, more = {}) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
    area().dispatchEvent(event);
    return event.defaultPrevented;
  }

  describe("a draft", () => {
    test("is there after a reload", async (t) => {
      type("half a sen");
      await load(t, { storage: kept() });
      assert.equal(area().value, "half a sen");
    });

    test("is each room's own, and each member's own", async (t) => {
      type("for seven");
      const storage = kept();
      await load(t, { storage, body: composer(8) });
      assert.equal(area().value, "");
      await load(t, { storage, data: { member: "2" } });
      assert.equal(area().value, "");
    });

    test("gives way to what came with the page", async (t) => {
      await load(t, { storage: { "wb.1.draft.7": '"old"' }, body: composer(7, { draft: "refused by the server" }) });
      assert.equal(area().value, "refused by the server");
    });

    test("is forgotten when it is sent, or emptied by hand", () => {
      type("one");
      assert.equal(draft(), '"one"');
      press("Enter");
      assert.equal(draft(), null);
      type("two");
      type("");
      assert.equal(draft(), null);
    });

    /** What another page of this browser does to the kept draft. */
    function elsewhere(before, now) {
      const stored = (text) => (text ? JSON.stringify(text) : null);
      const event = Object.assign(new Event("storage"), { oldValue: stored(before), newValue: stored(now) });
      dispatchEvent(Object.assign(event, { key: "wb.1.draft.7" }));
    }

    test("that is sent on another page is not there to be sent again", () => {
      type("one");
      elsewhere("one", "");
      assert.equal(area().value, "");
    });

    test("is written on from page to page, but what differs here stays", () => {
      elsewhere("", "from there");
      assert.equal(area().value, "from there");
      type("written here");
      elsewhere("from there", "from there on");
      assert.equal(area().value, "written here");
    });

    test("that was typed before the scripts were there is kept", async (t) => {
      await load(t, { body: composer(7, { draft: "typed early" }) });
      assert.equal(draft(), '"typed early"');
    });

    test("that cannot be read is none", async (t) => {
      await load(t, { storage: { "wb.1.draft.7": "{" } });
      assert.equal(area().value, "");
    });

    test("writing goes on where nothing can be kept", (t) => {
      t.mock.method(page.window.Storage.prototype, "setItem", () => {
        throw new Error("full");
      });
      type("one");
      press("Enter");
      assert.deepEqual(written(), ["one"]);
    });
  });

  describe("Enter", () => {
    test("sends what was typed, without empty lines around it, and empties the field", () => {
      type("\n \n  one\n");
      assert.equal(press("Enter"), true);
      assert.deepEqual(written(), ["  one"]);
      assert.equal(area().value, "");
    });

    test("breaks the line on a phone, where the button sends", async (t) => {
      t.mock.method(globalThis, "matchMedia", (query) => ({ matches: query.includes("coarse") }));
      type("one");
      assert.equal(press("Enter"), false);
      assert.deepEqual(written(), []);
      page.find("button").click();
      assert.deepEqual(written(), ["one"]);
    });

    test("with Shift breaks the line", () => {
      type("one");
      assert.equal(press("Enter", { shiftKey: true }), false);
      assert.deepEqual(written(), []);
    });

    test("that ends a composition does not send", () => {
      type("しゃしん");
      assert.equal(press("Enter", { isComposing: true }), false);
      assert.equal(press("Enter", { keyCode: 229 }), false);
      assert.deepEqual(written(), []);
    });

    test("sends nothing when there is nothing but space", () => {
      type(" \n ");
      press("Enter");
      assert.deepEqual(written(), []);
    });

    for (const unseen of ["\u200b", "\u3164", "\u115f", "\u2800", "\u200d", "\u202e", "\ufe0f"]) {
      test(`sends nothing that shows nothing (U+${unseen.charCodeAt(0).toString(16)}), says so, and keeps it`, () => {
        type(` ${unseen}\n`);
        press("Enter");
        assert.deepEqual(written(), []);
        assert.equal(note(), "nothing to see");
        assert.equal(area().value, ` ${unseen}\n`);
      });
    }

    test("sends emoji and words with joiners", () => {
      for (const whole of ["👨‍👩‍👧‍👦", "❤️", "می‌خواهم", "\u0301"]) {
        type(whole);
        press("Enter");
        assert.equal(written().at(-1), whole);
      }
    });
  });

  describe("the length", () => {
    test("is said when the end comes near", () => {
      type("a".repeat(9_499));
      assert.equal(note(), "");
      type("a".repeat(9_501));
      assert.equal(note(), "499 left");
      type("a".repeat(10_000));
      assert.equal(note(), "0 left");
    });

    test("over what is allowed is kept and not sent", () => {
      type("a".repeat(10_001));
      assert.equal(note(), "10,001 of 10,000");
      assert.equal(area().getAttribute("aria-invalid"), "true");
      press("Enter");
      assert.deepEqual(written(), []);
      assert.equal(area().value.length, 10_001);
      assert.ok(draft());
      type("short");
      assert.equal(note(), "");
      assert.equal(area().getAttribute("aria-invalid"), "false");
    });

    test("counts characters, not their halves", () => {
      type("😀".repeat(10_000));
      press("Enter");
      assert.equal(written().length, 1);
    });
  });

  test("the others hear of typing at most every three seconds", (t) => {
    const told = () => page.socket.of("typing").length;
    for (const words of ["a", "ab", "abc"]) type(words);
    assert.equal(told(), 1);
    t.mock.timers.tick(2_999);
    type("abcd");
    assert.equal(told(), 1);
    t.mock.timers.tick(1);
    type("");
    assert.equal(told(), 1, "an empty field is no typing");
    type("a");
    assert.equal(told(), 2);
  });

  test("a refusal that came with the page stays until something is typed", async (t) => {
    await load(t, { body: composer(7, { draft: "one", note: "Too often." }) });
    assert.equal(note(), "Too often.");
    type("one more");
    assert.equal(note(), "");
  });
});
