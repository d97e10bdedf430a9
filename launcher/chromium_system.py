"""Chromium and fonts from Playwright's server and from the system's packages."""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from .browser import Browser

PLAYWRIGHT_SERVER = "https://cdn.playwright.dev"
PROBE_SECONDS = 6
INSTALL_SECONDS = 600
ASK = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
# Without the first two, Korean and Japanese text is drawn as boxes.
FONTS = {
    "fonts-nanum": "nanum",
    "fonts-ipafont-gothic": "ipa",
    "fonts-noto-color-emoji": "NotoColorEmoji",
}
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def by_playwright() -> Browser | None:
    """Let Playwright install its Chromium; None when its server cannot be reached or Playwright is missing."""
    if importlib.util.find_spec("playwright") is None or not _reachable(PLAYWRIGHT_SERVER):
        return None
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(install, stdout=sys.stderr, timeout=INSTALL_SECONDS, check=True)
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=60, check=True)
    return Browser(Path(told.stdout.strip()))


def _reachable(url: str) -> bool:
    if os.environ.get("PLAYWRIGHT_DOWNLOAD_HOST"):  # a server of one's own; no use in asking the public one
        return True
    try:
        urllib.request.urlopen(url, timeout=PROBE_SECONDS).close()  # noqa: S310 (a fixed https address)
    except urllib.error.HTTPError:  # it has no front page, but it answers
        return True
    except OSError:
        return False
    return True


def by_apt() -> None:
    """Install Debian's Chromium as root, to be found on the PATH: the shell without a window, where it is packaged."""
    try:
        _apt_install(["chromium-headless-shell", *FONTS])
    except subprocess.CalledProcessError:
        _apt_install(["chromium", *FONTS])


def install_fonts() -> None:
    """Install the missing fonts as root; tests that look at no pixels work without."""
    missing = [package for package, name in FONTS.items() if not _has_font(name)]
    if missing:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            _apt_install(missing)


def install_driver_library() -> None:
    """Install the one library that Playwright's own Node.js needs beyond a minimal Debian, as root."""
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            _apt_install(["libatomic1"])


def _has_font(name: str) -> bool:
    return any(name.lower() in str(path).lower() for base in FONT_FOLDERS for path in base.rglob("*.tt[fc]"))


def _apt_install(packages: list[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-q", "--no-install-recommends", *packages]
    for step in (["update", "-q"], install):
        print(f"  apt-get {' '.join(step)}", file=sys.stderr, flush=True)
        subprocess.run(["apt-get", *step], env=env, stdout=subprocess.DEVNULL, timeout=INSTALL_SECONDS, check=True)
