"""Programs that only tests need: those that are there, else Debian's, unpacked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import debian
from .debian import Program
from .errors import LocalError

# What the tests start, and Debian's package of each.
PACKAGES = {"turnserver": "coturn", "janus": "janus", "nginx": "nginx"}
MISSING = (
    "No {program} for the tests. Install it (Debian, Ubuntu: `apt-get install {package}`) or set {variable} to the "
    "path of one, then run `make test` again."
)


def find(program: str, package: str) -> Program:
    """Return the first `program` that starts; raise LocalError with the package to install when there is none."""
    for candidate in _candidates(program, package):
        if candidate.starts():
            return candidate
    raise LocalError(_missing(program, package))


def main() -> int:
    """Find or fetch all of them, while there is a network, and print their paths. Raises LocalError for the first."""
    for program, package in PACKAGES.items():
        print(find(program, package).path)
    return 0


def _missing(program: str, package: str) -> str:
    return MISSING.format(program=program, package=package, variable=program.upper())


def _candidates(program: str, package: str) -> Iterator[Program]:
    """Yield programs, the cheapest to get first; each is looked for only when those before it do not start."""
    if given := os.environ.get(program.upper()):
        if not Path(given).exists():
            text = f"{program.upper()} names {given}, which does not exist. {_missing(program, package)}"
            raise LocalError(text)
        yield Program(Path(given))
    if found := shutil.which(program):
        yield Program(Path(found))
    if earlier := debian.unpacked(package, program):
        yield earlier
    print(f"No {program} yet; trying Debian's package {package}", file=sys.stderr, flush=True)
    try:
        fetched = debian.fetch(package, program)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  that failed: {error}", file=sys.stderr)
        return
    if fetched:
        yield fetched
