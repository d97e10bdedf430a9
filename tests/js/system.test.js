// @ts-check
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { openPage } from "./page.js";

// What the server makes of the same events is tested with the same file.
const { languages, company, names, cases } = JSON.parse(readFileSync(new URL("system.json", import.meta.url), "utf8"));
const NAMES = `<script type="application/json" id="names">${JSON.stringify(names)}</script>`;

for (const [language, texts] of Object.entries(languages)) {
  describe(`in ${language}`, () => {
    for (const one of cases) {
      test(one[language], async (t) => {
        const data = JSON.stringify(one.data).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        const shown = `<p class="system" data-event="${data}"></p>`;
        const page = openPage(t, { body: NAMES, texts, data: { language, company: String(company) } });
        const { sentence } = await page.script("lib/system.js");
        assert.equal(sentence(one.data), one[language]);
        const { fragment } = await page.script("lib/html.js");
        const made = fragment(shown).querySelector("p");
        // The company stands behind the name, as a badge.
        for (const badge of made.querySelectorAll(".company-badge")) badge.textContent = `(${badge.textContent})`;
        assert.equal(made.textContent, one[language]);
      });
    }
  });
}

test("what the server has written already stays", async (t) => {
  const page = openPage(t, { texts: languages.en });
  const { fragment } = await page.script("lib/html.js");
  const made = fragment(`<p class="system" data-event='{"event":"room.frozen"}'>Frozen, it says.</p>`);
  assert.equal(made.textContent, "Frozen, it says.");
});
