// @ts-check
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { openPage } from "./page.js";

describe("a part that becomes newer HTML", () => {
  let page;
  let part;
  let morphChildren;

  beforeEach(async (t) => {
    page = openPage(t, { body: "<div data-part></div>" });
    part = page.find("[data-part]");
    ({ morphChildren } = await page.script("lib/morph.js"));
  });

  const start = (html) => {
    part.innerHTML = html;
    return [...part.children];
  };
  const morph = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    morphChildren(part, template.content);
    assert.equal(part.innerHTML, html);
  };
  const rows = (...names) => names.map((name) => `<li id="${name}"><a href="#">${name}</a></li>`).join("");

  test("keeps the nodes that stay and changes what they say", () => {
    const [row] = start('<p class="a" title="x">one</p>');
    morph('<p class="b" lang="ko">two</p>');
    assert.equal(part.firstElementChild, row);
  });

  test("keeps nodes with an id wherever they go", () => {
    const [a, b, c] = start(rows("a", "b", "c"));
    morph(rows("c", "a", "b"));
    assert.deepEqual([...part.children], [c, a, b]);
  });

  test("puts in what comes and takes out what goes", () => {
    const [a, , c] = start(rows("a", "b", "c"));
    morph(rows("x", "a", "c", "y"));
    assert.equal(part.children[1], a);
    assert.equal(part.children[2], c);
    morph("");
    assert.equal(part.childNodes.length, 0);
  });

  test("does not take a node for one with another id or name", () => {
    const [a] = start('<p id="a">one</p>');
    morph('<p id="b">one</p>');
    assert.notEqual(part.firstElementChild, a);
    morph('<div id="b">one</div>');
  });

  test("leaves the focus where it is while rows change places", () => {
    const [, , c] = start(rows("a", "b", "c"));
    c.querySelector("a").focus();
    let moved = 0;
    c.addEventListener("focusout", () => (moved += 1));
    morph(rows("c", "x", "a", "b"));
    assert.equal(document.activeElement, c.querySelector("a"));
    assert.equal(moved, 0);
    morph(rows("b", "a", "c"));
    assert.equal(document.activeElement, c.querySelector("a"));
  });

  test("leaves alone what keeps itself", () => {
    part.innerHTML = '<div data-keep="composer"><textarea></textarea></div>';
    const area = part.querySelector("textarea");
    area.value = "half a sen";
    const template = document.createElement("template");
    template.innerHTML = '<p>new</p><div data-keep="composer"><textarea>other</textarea><p>more</p></div>';
    morphChildren(part, template.content);
    assert.equal(part.querySelector("textarea"), area);
    assert.equal(area.value, "half a sen");
    assert.deepEqual([...part.children].map(({ localName }) => localName), ["p", "div"]);
    assert.equal(part.lastElementChild.children.length, 1);
  });

  test("changes words between elements too", () => {
    start("before <b>bold</b> after <!-- one -->");
    const [bold] = part.children;
    morph("earlier <b>bold</b> later <!-- two -->");
    assert.equal(part.firstElementChild, bold);
  });
});
