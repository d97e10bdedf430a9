"""How long after an administrator's click a member's open page shows what it did."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

# What is promised, and how much longer it may take where everything runs on one busy machine.
PROMISED = 1.0
BUSY = 4.0
WAIT = 10.0
STEADY = 300

# Notes since when the page shows (or no longer shows) something: at the change itself, not when somebody looks.
LOOK = """
({selector, text, gone}) => {
  const shown = () => [...document.querySelectorAll(selector)].some(
    (one) => one.checkVisibility({visibilityProperty: true}) && one.textContent.includes(text));
  window.looker?.disconnect();
  window.shownAt = null;
  const look = () => { window.shownAt = shown() === gone ? null : window.shownAt ?? Date.now(); };
  if (shown() !== gone) throw new Error(`already so: ${selector} ${text}`);
  window.looker = new MutationObserver(look);
  window.looker.observe(
    document, {subtree: true, childList: true, attributes: true, characterData: true});
}
"""


@dataclass
class Effect:
    """Something that is to appear in, or to go from, an open page."""

    what: str
    page: Page
    selector: str
    text: str
    gone: bool = False

    def watch(self) -> None:
        """Look for it from now on. Fails when it is so already."""
        self.page.evaluate(LOOK, {"selector": self.selector, "text": self.text, "gone": self.gone})

    def seen_at(self) -> float:
        """When it came, in seconds. Fails when it does not."""
        until, before = time.monotonic() + WAIT, None
        # A part that is being exchanged is gone for a moment: what counts is since when it stays so.
        while (at := self.page.evaluate("() => window.shownAt")) is None or at != before:
            assert time.monotonic() < until, f"{self.what}: not seen within {WAIT} s"
            before = at
            self.page.wait_for_timeout(STEADY)
        return float(at) / 1000


@dataclass
class Stopwatch:
    """Measures from the server's answer to a click until the effects are there."""

    measured: dict[str, float] = field(default_factory=dict)

    def click(self, page: Page, button: Locator, *effects: Effect) -> None:
        """Click in the administrator's page, and wait for the effects in the members' pages."""
        for effect in effects:
            effect.watch()
        with page.expect_response(lambda response: response.request.method == "POST") as answer:
            button.click()
        timing = answer.value.request.timing
        answered = (timing["startTime"] + timing["responseStart"]) / 1000
        for effect in effects:
            self.measured[effect.what] = effect.seen_at() - answered

    def told(self) -> str:
        """All of them, slowest first."""
        slowest = sorted(self.measured.items(), key=lambda pair: -pair[1])
        return "\n".join(f"{seconds * 1000:6.0f} ms  {what}" for what, seconds in slowest)
