"""`make steady`: the tests that wait, again and again while both cores are busy with something else.

What waits for a time instead of for the thing, or counts on a quick machine, fails here sooner or later.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

# Sockets, browsers, faults and calls: what waits for other processes, or for threads.
WAITING = ["tests/browser", "tests/calls", "tests/faults", "tests/live", "tests/launcher"]
WAITING += [
    "tests/federation/test_concurrency.py",
    "tests/messaging/test_group_storm.py",
    "tests/messaging/test_undo_storm.py",
]


@contextlib.contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes compute until the end of the block; they end with this one, however it ends."""
    code = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n for n in range(10**6): pass"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(processes)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def failed_in(report: Path) -> list[str]:
    """The tests that failed, by pytest's JUnit file; a run that left none counts as one failure."""
    try:
        cases = ET.parse(report).iter("testcase")
    except (OSError, ET.ParseError):
        return ["the run itself"]
    names = [(f"{case.get('classname')}.{case.get('name')}", case) for case in cases]
    return [name for name, case in names if case.find("failure") is not None or case.find("error") is not None]


def run_once(arguments: Sequence[str], folder: Path, number: int) -> list[str]:
    """Run the tests once; what they say is kept in the folder. Returns which failed."""
    report, log = folder / f"{number}.xml", folder / f"{number}.log"
    command = [sys.executable, *arguments, f"--junitxml={report}"]
    # Another number each time, so that chance takes other ways.
    environment = {name: value for name, value in os.environ.items() if name != "SEED"}
    with log.open("wb") as output:
        code = subprocess.run(command, stdout=output, stderr=output, env=environment, check=False).returncode
    failed = failed_in(report)
    return failed or (["the run itself"] if code else [])


def main() -> int:
    """Run the tests so many times; print after each which failed, and at the end how often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", type=int)
    parser.add_argument("arguments", nargs="*", help="`-m pytest` and more; without a path, all tests that wait")
    options = parser.parse_args()
    given = options.arguments
    arguments = given if any(Path(one.split("::")[0]).exists() for one in given) else [*given, *WAITING]
    folder = Path(tempfile.mkdtemp(prefix="steady-"))
    print(f"What each run says is in {folder}.", flush=True)
    failures: Counter[str] = Counter()
    with busy(os.cpu_count() or 1):
        for number in range(1, options.times + 1):
            started = time.monotonic()
            failed = run_once(arguments, folder, number)
            failures.update(failed)
            took = time.monotonic() - started
            print(f"run {number} of {options.times}: {took:.0f} s, {', '.join(failed) or 'all passed'}", flush=True)
    for name, count in failures.most_common():
        print(f"{count:4} of {options.times}  {name}")
    print(f"{sum(failures.values())} failures in {options.times} runs")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
