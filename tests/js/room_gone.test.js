// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./page.js";

test("all that shows something of a room goes when it is open to the member no more", async (t) => {
  const body =
    '<ol><li data-of-room="7">words of it</li><li data-of-room="8">others</li></ol>' +
    '<ul data-rows><li data-room="7">Seven</li><li data-room="8">Eight</li></ul>' +
    '<div class="toast"><div data-of-room="7">somebody started a call in Seven</div></div>';
  const page = openPage(t, { body });
  document.title = "Seven";
  await page.script("room-gone.js");
  const { live } = await page.script("live.js");
  live.start();
  page.socket.open();
  page.socket.say({ type: "gone", room: 7 });
  assert.equal(document.body.textContent, "othersEight");
  assert.equal(document.title, "Seven");
  document.dispatchEvent(new CustomEvent("wb:room-gone", { detail: { room: 7 } }));
  assert.equal(document.title, "WorksBridge");
});
