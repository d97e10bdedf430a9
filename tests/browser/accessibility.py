"""axe in a page: what a person with a screen reader, a keyboard or weak sight would stumble over."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
GRAVE = ("serious", "critical")
# Runs it and keeps what is grave: the rule, and where.
RUN = """async (options) => {
  const found = await axe.run(document, options);
  const where = (node) => `${node.target.join(" ")} — ${node.failureSummary}`;
  return found.violations.map((one) => ({ rule: one.id, impact: one.impact, where: one.nodes.map(where) }));
}"""


def grave_faults(page: Page, *rules: str) -> list[str]:
    """The serious and critical faults of the open page, each as one line; only of some rules when these are named."""
    # The page's own policy forbids scripts from elsewhere; what a test evaluates is not one.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate(RUN, options)
    return [f"{fault['rule']}: {fault['where'][:4]}" for fault in found if fault["impact"] in GRAVE]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
