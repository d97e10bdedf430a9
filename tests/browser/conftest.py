"""A real Chromium against a real web process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.live.web import ROOT, WebProcess

# Playwright's synchronous interface runs an event loop in this thread; the tests' own queries are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "worksbridge-demo"
RECORD = ROOT / ".data" / "chromium.json"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that the set-up found or fetched; fails with what to install when there is none."""
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"error": "Run `make test`: it finds a browser."}
    if "error" in record:
        pytest.fail(record["error"])
    flags = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", *record["args"]]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=record["path"], args=flags, env={**os.environ, **record["env"]}
        )
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
def web(transactional_db: None, tmp_path: Path, static_root: Path) -> Iterator[WebProcess]:
    """A running web process on this test's database, with static files."""
    process = WebProcess(tmp_path / "web.log", STATIC_ROOT=str(static_root), LIVE_RATE_FACTOR="20")
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
