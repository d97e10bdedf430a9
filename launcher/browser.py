"""A browser the tests can drive."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PROBE_SECONDS = 60
PROBE = """
import json, sys
from playwright.sync_api import sync_playwright
browser = json.loads(sys.argv[1])
with sync_playwright() as playwright:
    started = playwright.chromium.launch(executable_path=browser["path"], env=browser["env"], args=browser["args"])
    page = started.new_page()
    page.set_content("<p>works</p>")
    page.screenshot()
    print(page.inner_text("p"))
    started.close()
"""


class Browser(NamedTuple):
    """A Chromium: its program, and what its environment and command line need beyond the usual."""

    path: Path
    env: dict[str, str] = {}
    args: tuple[str, ...] = ()

    def record(self) -> dict[str, object]:
        """Return what the tests need to know, as JSON can say it. Chromium's sandbox refuses to work as root."""
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        return {"path": str(self.path), "env": self.env, "args": [*sandbox, *self.args]}

    def starts(self) -> bool:
        """Tell whether it draws a page for Playwright: a binary without its libraries is there, and useless."""
        record = self.record()
        record["env"] = {**os.environ, **self.env}
        probe = [sys.executable, "-c", PROBE, json.dumps(record)]
        try:
            shown = subprocess.run(probe, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
        except (OSError, subprocess.SubprocessError):
            return False
        return "works" in shown.stdout
