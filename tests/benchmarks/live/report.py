"""The figures of all rounds as a table and as a file."""

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.live.systems import ROOT
from tests.benchmarks.live.works import Figures

# Name, what it is, what must be reached, what is aimed at, and whether less is better.
ROWS = (
    ("W1 p50", "room of 100, 5 messages/s: median, ms", 10, 5, True),
    ("W1 p99", "room of 100, 5 messages/s: p99, ms", 35, 15, True),
    ("W2", "room of 100: most messages/s", 300, 600, False),
    ("W3", "fifty busy 1:1 rooms: most messages/s", 2000, 4000, False),
    ("W4 KiB", "memory of an idle connection, KiB", 40, 30, True),
    ("W4 accepted/s", "connections accepted a second, signed in", 160, 400, False),
    ("W5", "fetch 1,000 missed messages, ms", 60, 30, True),
)
Rounds = dict[str, list[dict[str, Figures]]]


def table(rounds: Rounds) -> str:
    """Medians of the rounds, with the lowest and highest, and how the systems compare."""
    names = sorted(rounds, key=lambda name: name != "WorksBridge")
    head = f"| work | {' | '.join(names)} | ratio | must reach | aim |"
    lines = [head, "| --- " * (len(names) + 4) + "|"]
    for key, text, must, aim, less in ROWS:
        cells, medians = [], []
        for name in names:
            values = _values(rounds[name], key)
            medians.append(statistics.median(values) if values else 0)
            cells.append(f"{medians[-1]:,.1f} ({min(values):,.1f} to {max(values):,.1f})" if values else "")
        lines.append(f"| {text} | {' | '.join(cells)} | {_ratio(medians, less=less)} | {must:,} | {aim:,} |")
    return "\n".join([*lines, "", *(_wrong(name, rounds[name]) for name in names)])


def _values(rounds: Sequence[dict[str, Figures]], key: str) -> list[float]:
    return [figures.values[key] for found in rounds for figures in found.values() if key in figures.values]


def _ratio(medians: Sequence[float], *, less: bool) -> str:
    if len(medians) < 2 or not all(medians):
        return ""
    ours, theirs = medians[0], medians[1]
    return f"{(theirs / ours if less else ours / theirs):.1f}"


def is_right(rounds: Sequence[dict[str, Figures]]) -> bool:
    """Whether a system lost, doubled and disordered nothing."""
    return not any(_counts(rounds))


def _wrong(name: str, rounds: Sequence[dict[str, Figures]]) -> str:
    lost, doubled, disordered = _counts(rounds)
    return f"{name}: lost {lost}, doubled {doubled}, out of order {disordered}."


def _counts(rounds: Sequence[dict[str, Figures]]) -> list[int]:
    every = [figures for found in rounds for figures in found.values()]
    return [sum(getattr(one, kind) for one in every) for kind in ("lost", "doubled", "disordered")]


def keep(rounds: Rounds, path: Path) -> None:
    """Write everything that was seen into a JSON file."""
    path.write_text(
        json.dumps(
            {
                "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "commit": _commit(),
                "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
                "rounds": {name: [{k: vars(f) for k, f in one.items()} for one in r] for name, r in rounds.items()},
            },
            indent=1,
        )
    )


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
