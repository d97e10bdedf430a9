"""A Chromium for the browser tests: one that is there, else one that can be had."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from . import chromium_npm, chromium_system
from .errors import LocalError
from .services import DATA

NAMES = ("chromium", "chromium-browser", "google-chrome")
RECORD = DATA / "chromium.json"
MISSING = (
    "No Chromium for the browser tests. Install one (Debian, Ubuntu: "
    "`apt-get install chromium fonts-nanum fonts-ipafont-gothic fonts-noto-color-emoji`) "
    "or set CHROMIUM to the path of one, then run `make test` again."
)


class Browser(NamedTuple):
    """A browser that starts: its program and what its environment needs beyond the usual."""

    path: Path
    env: dict[str, str]

    @property
    def arguments(self) -> list[str]:
        """Arguments it needs here. Chromium's sandbox refuses to work as root."""
        return ["--no-sandbox"] if os.geteuid() == 0 else []


def find_or_fetch() -> Browser:
    """Return the first browser that starts; raise LocalError with what to install when none does."""
    chromium_system.install_fonts()
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise LocalError(MISSING)


def main() -> int:
    """Find or fetch a browser, record it (or why there is none) for the tests, print its path."""
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    try:
        browser = find_or_fetch()
    except LocalError as error:
        RECORD.write_text(json.dumps({"error": str(error)}))
        raise
    found = {"path": str(browser.path), "env": browser.env, "args": browser.arguments}
    RECORD.write_text(json.dumps(found, indent=1))
    print(browser.path)
    return 0


def _candidates() -> Iterator[Browser]:
    """Yield browsers, the cheapest to get first; each is looked for only when those before it do not start."""
    if given := os.environ.get("CHROMIUM"):
        if not Path(given).exists():
            raise LocalError(f"CHROMIUM names {given}, which does not exist. {MISSING}")
        yield Browser(Path(given), {})
    yield from _on_path()
    yield from _tried(chromium_npm.unpacked)
    for fetch, says in (
        (chromium_system.by_playwright, "playwright install chromium"),
        (chromium_system.by_apt, "apt-get install chromium"),
        (chromium_npm.fetch, f"the npm package {chromium_npm.PACKAGE}"),
    ):
        print(f"No Chromium yet; trying {says}", file=sys.stderr, flush=True)
        yield from _tried(fetch)
        yield from _on_path()


def _on_path() -> Iterator[Browser]:
    for path in filter(None, map(shutil.which, NAMES)):
        yield Browser(Path(path), {})


def _tried(fetch: Callable[[], tuple[Path, dict[str, str]] | None]) -> Iterator[Browser]:
    try:
        found = fetch()
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"  that failed: {error}", file=sys.stderr)
        return
    if found:
        yield Browser(*found)


def _starts(browser: Browser) -> bool:
    """Tell whether it renders a page: a binary without its libraries is there, and useless."""
    flags = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", *browser.arguments]
    page = ["--dump-dom", "data:text/html,<p>works</p>"]
    try:
        shown = subprocess.run(
            [browser.path, *flags, *page],
            env={**os.environ, **browser.env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return "works" in shown.stdout
