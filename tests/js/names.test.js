// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage, settle } from "./page.js";

const BODY = `
  <script type="application/json" id="names">{"2": "Min"}</script>
  <b data-person="2">Kim Minsu</b><i data-person="3">Sato Yui</i>`;

describe("the viewer's own names for people", () => {
  let page;
  let names;

  beforeEach(async (t) => {
    page = openPage(t, { body: BODY, data: { namesSrc: "/contacts/names/" } });
    names = await page.script("lib/names.js");
  });

  const shown = () => [page.find("b").textContent, page.find("i").textContent];

  test("come with the page, where the viewer has some", () => {
    assert.equal(names.nameOf(2), "Min");
    assert.equal(names.nameOf(3), undefined);
    names.applyNames(document);
    assert.deepEqual(shown(), ["Min", "Sato Yui"]);
  });

  test("may be taken back: then people have their own again", async () => {
    names.applyNames(document);
    const heard = [];
    document.addEventListener("wb:names", () => heard.push(shown()));
    names.refreshNames();
    await page.server.answer({ 3: "Yui" });
    assert.deepEqual(page.server.addresses, ["/contacts/names/"]);
    assert.deepEqual(heard, [["Kim Minsu", "Yui"]]);
    assert.equal(names.nameOf(2), undefined);
  });

  test("are all fetched once, however often all are needed", async () => {
    names.completeNames();
    await page.server.answer({ 2: "Min" });
    names.completeNames();
    await settle();
    assert.equal(page.server.asked.length, 1);
  });

  test("stay when they cannot be fetched, and are asked for again", async () => {
    const failing = assert.rejects(names.completeNames());
    await page.server.fail();
    await failing;
    assert.equal(names.nameOf(2), "Min");
    names.completeNames();
    assert.equal(page.server.asked.length, 2);
  });

  test("are asked of nobody where there is nobody signed in", async (t) => {
    page = openPage(t, { data: { member: "", namesSrc: "" } });
    await (await page.script("lib/names.js")).completeNames();
    assert.deepEqual(page.server.asked, []);
  });
});

describe("server HTML", () => {
  test("becomes the viewer's: names, times, and no badge of their own company", async (t) => {
    const page = openPage(t, { body: BODY, data: { company: "5" } });
    const { fragment } = await page.script("lib/html.js");
    const html = `<p><b data-person="2">Kim Minsu</b> <span class="company-badge" data-company="5">Alpha</span>:
      <span class="company-badge" data-company="6">Beta</span>
      <time datetime="2026-11-20T08:05:00Z" data-format="time"></time></p>`;
    const words = fragment(html).textContent.replace(/\s+/g, " ");
    assert.equal(words, "Min: Beta 09:05");
  });
});
