"""A real Chromium against a real web process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.live.web import ROOT, WebProcess

# Playwright's synchronous interface runs an event loop in this thread; the tests' own queries are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "worksbridge-demo"
RECORD = ROOT / ".data" / "chromium.json"


FLAGS = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
# A camera and a microphone that need nobody in front of them, and sound that needs no click to be played.
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
FLAGS += ["--autoplay-policy=no-user-gesture-required"]


def chromium_options() -> dict[str, Any]:
    """How to launch the Chromium that the set-up found or fetched; fails with what to install when there is none."""
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"error": "Run `make test`: it finds a browser."}
    if "error" in record:
        pytest.fail(record["error"])
    env = {**os.environ, **record["env"]}
    return {"executable_path": record["path"], "args": [*FLAGS, *record["args"]], "env": env}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of all tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**chromium_options())
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected static files."""
    folder = tmp_path_factory.mktemp("static")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"STATIC_ROOT": str(folder)}, check=True)
    return folder


@pytest.fixture
def web_environment() -> dict[str, str]:
    """What a test wants its web process to be told; tests override it by parametrising."""
    return {}


@pytest.fixture
def web(
    transactional_db: None, tmp_path: Path, static_root: Path, web_environment: dict[str, str], settings: object
) -> Iterator[WebProcess]:
    """A running web process on this test's database, with static files; what the test itself pushes reaches it too."""
    usual = {"STATIC_ROOT": str(static_root), "LIVE_RATE_FACTOR": "20"}
    process = WebProcess(tmp_path / "web.log", **usual | web_environment)
    layer = settings.CHANNEL_LAYERS["default"]
    prefix = {"prefix": process.channel_prefix}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
    process.start()
    yield process
    process.stop()


class Person:
    """One person at their own browser."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self._hear(line.type, line.text))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Content Security Policy" in text:
            self.problems.append(text)

    def go(self, path: str) -> Page:
        """Open an address of the product."""
        self.page.goto(self.origin + path)
        return self.page

    def sign_in(self, email: str, after: str = "/messages/") -> Page:
        """Sign in at the page that people use."""
        page = self.go(f"/accounts/login/?next={after}")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.origin + after)
        return page


@pytest.fixture
def someone(browser: Browser, web: WebProcess) -> Iterator[Callable[..., Person]]:
    """Make people with a browser each: `someone()`; options go to the browser's context."""
    people: list[Person] = []

    def make(**options: object) -> Person:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 860}, "locale": "en-US"} | options)
        context.set_default_timeout(10_000)
        people.append(Person(context, web.origin))
        return people[-1]

    yield make
    problems = [problem for person in people for problem in person.problems]
    for person in people:
        person.context.close()
    assert problems == []
