"""A Chromium for the browser tests: one that is there, else one that can be had."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from . import chromium_npm, chromium_system
from .browser import Browser
from .errors import LocalError
from .services import DATA

# The shell without a window comes first: it takes a third less time for the same pages.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
RECORD = DATA / "chromium.json"
MISSING = (
    "No Chromium for the browser tests. Install one (Debian, Ubuntu: "
    "`apt-get install chromium-headless-shell libatomic1 fonts-nanum fonts-ipafont-gothic fonts-noto-color-emoji`) "
    "or set CHROMIUM to the path of one, then run `make test` again."
)


def find_or_fetch() -> Browser:
    """Return the first browser that starts; raise LocalError with what to install when none does."""
    chromium_system.install_fonts()
    chromium_system.install_driver_library()
    for candidate in _candidates():
        if candidate.starts():
            return candidate
    raise LocalError(MISSING)


def main() -> int:
    """Find or fetch a browser, record it (or why there is none) for the tests, print its path."""
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    if known := _known():
        print(known)
        return 0
    try:
        browser = find_or_fetch()
    except LocalError as error:
        RECORD.write_text(json.dumps({"error": str(error)}))
        raise
    RECORD.write_text(json.dumps(browser.record() | {"changed": _changed(browser.path)}, indent=1))
    print(browser.path)
    return 0


def _known() -> str | None:
    """The path of the recorded browser, if it is unchanged and no other one is named."""
    try:
        record = json.loads(RECORD.read_text())
        return str(record["path"]) if record["changed"] == _changed(_wanted(record["path"])) else None
    except (OSError, ValueError, KeyError):
        return None


def _wanted(recorded: str) -> Path:
    return Path(os.environ.get("CHROMIUM", recorded))


def _changed(path: Path) -> list[object]:
    """A fingerprint of the program at this path. Raises OSError when there is none."""
    found = path.stat()
    return [str(path), found.st_mtime_ns, found.st_size]


def _candidates() -> Iterator[Browser]:
    """Yield browsers, the cheapest to get first; each is looked for only when those before it do not start."""
    if given := os.environ.get("CHROMIUM"):
        if not Path(given).exists():
            raise LocalError(f"CHROMIUM names {given}, which does not exist. {MISSING}")
        yield Browser(Path(given))
    yield from _on_path()
    yield from _tried(chromium_npm.unpacked)
    for fetch, says in (
        (chromium_system.by_playwright, "playwright install chromium"),
        (chromium_system.by_apt, "apt-get install chromium-headless-shell"),
        (chromium_npm.fetch, f"the npm package {chromium_npm.PACKAGE}"),
    ):
        print(f"No Chromium yet; trying {says}", file=sys.stderr, flush=True)
        yield from _tried(fetch)
        yield from _on_path()


def _on_path() -> Iterator[Browser]:
    for path in filter(None, map(shutil.which, NAMES)):
        yield Browser(Path(path))


def _tried(fetch: Callable[[], Browser | None]) -> Iterator[Browser]:
    try:
        found = fetch()
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"  that failed: {error}", file=sys.stderr)
        return
    if found:
        yield found
