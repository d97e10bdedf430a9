"""The figures of a run: each test says its own, and the end of the run shows them all."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from launcher.services import DATA

NAME = "figure"
FILE = DATA / "faults.json"
Record = Callable[[str, float], None]


def recorder(record_property: Callable[[str, object], None]) -> Record:
    """A function that records one figure of a test: what it is, and the number."""
    return lambda what, number: record_property(NAME, (what, round(number, 3)))


def collected(terminalreporter: Any) -> dict[str, dict[str, float]]:
    """The figures of all tests that ended, whichever process ran them: test → what → number."""
    found: dict[str, dict[str, float]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties if report.when == "call" else ():
                if name == NAME:
                    found.setdefault(report.nodeid.rpartition("::")[2], {})[value[0]] = value[1]
    return found


def print_figures(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures and keep them in a file."""
    found = collected(terminalreporter)
    if not found:
        return
    terminalreporter.section("what the faults took")
    for test, figures in sorted(found.items()):
        terminalreporter.write_line(test)
        for what, number in figures.items():
            terminalreporter.write_line(f"  {number:10.2f}  {what}")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
