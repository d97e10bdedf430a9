"""The report at the end of a run: the slowest tests, and the time of each folder."""

from collections import defaultdict
from typing import Any

import pytest

SLOWEST = 20
# What a run of everything is judged by is worth a table; a few tests are not.
FEW = 25


def seconds_by_test(terminalreporter: Any) -> dict[str, float]:
    """How long each test took, with its set-up and tear-down, whichever process ran it."""
    found: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                found[report.nodeid] += report.duration
    return dict(found)


def seconds_by_folder(seconds: dict[str, float]) -> dict[str, tuple[int, float]]:
    """How many tests each folder below `tests` has, and what they took together, the longest first."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for nodeid, took in seconds.items():
        folder = "/".join(nodeid.split("::")[0].split("/")[:2])
        found[folder].append(took)
    rows = {folder: (len(all_), sum(all_)) for folder, all_ in found.items()}
    return dict(sorted(rows.items(), key=lambda row: -row[1][1]))


def print_seconds(terminalreporter: Any) -> None:
    """Print both, in seconds of the processes that run tests: several run at once."""
    seconds = seconds_by_test(terminalreporter)
    if len(seconds) < FEW:
        return
    terminalreporter.section(f"the {SLOWEST} slowest tests, in seconds")
    for nodeid, took in sorted(seconds.items(), key=lambda row: -row[1])[:SLOWEST]:
        terminalreporter.write_line(f"{took:8.1f}  {nodeid}")
    terminalreporter.section("tests and seconds of each folder")
    for folder, (count, took) in seconds_by_folder(seconds).items():
        terminalreporter.write_line(f"{took:8.1f}  {count:5}  {folder}")
    terminalreporter.write_line(f"{sum(seconds.values()):8.1f}  {len(seconds):5}  in all")
