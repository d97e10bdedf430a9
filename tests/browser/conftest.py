"""A real Chromium against a real web process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.audit_replay import assert_explained
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


class Spare:
    """Web processes, of which one starts while the test before still runs: each test has one of its own.

    Calls need both cores, so none starts beside them.
    """

    def __init__(self, folder: Path, static_root: Path) -> None:
        self._folder = folder
        self._usual = {"STATIC_ROOT": str(static_root), "LIVE_RATE_FACTOR": "20"}
        self._ready: WebProcess | None = None

    def take(self, environment: dict[str, str]) -> WebProcess:
        """A web process that was launched: the one that waits, unless it has to know something else."""
        if environment or self._ready is None:
            return self._launched(environment)
        process, self._ready = self._ready, None
        return process

    def prepare(self) -> None:
        """Launch the next one."""
        if self._ready is None:
            self._ready = self._launched({})

    def end(self) -> None:
        """Nobody needs the next one."""
        if self._ready is not None:
            self._ready.stop(signal.SIGKILL)

    def _launched(self, environment: dict[str, str]) -> WebProcess:
        number = len(list(self._folder.iterdir()))
        process = WebProcess(self._folder / f"web-{number}.log", **self._usual | environment)
        process.launch()
        return process


@pytest.fixture(scope="session")
def spare(tmp_path_factory: pytest.TempPathFactory, static_root: Path, django_db_setup: None) -> Iterator[Spare]:
    """Where tests get their web processes."""
    found = Spare(tmp_path_factory.mktemp("web"), static_root)
    yield found
    found.end()


@pytest.fixture
def web_environment() -> dict[str, str]:
    """What a test wants its web process to be told; tests override it by parametrising."""
    return {}


@pytest.fixture
def web(
    transactional_db: None,
    spare: "Spare",
    web_environment: dict[str, str],
    settings: object,
    request: pytest.FixtureRequest,
) -> Iterator[WebProcess]:
    """A running web process on this test's database, with static files; what the test itself pushes reaches it too."""
    process = spare.take(web_environment)
    layer = settings.CHANNEL_LAYERS["default"]
    prefix = {"prefix": process.channel_prefix}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
    process.wait()
    if "media" not in request.keywords:
        spare.prepare()
    yield process
    # How it ends when it is asked to is tested elsewhere, and takes seconds.
    process.stop(signal.SIGKILL)


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
        context.set_default_timeout(30_000)
        people.append(Person(context, web.origin))
        return people[-1]

    yield make
    problems = [problem for person in people for problem in person.problems]
    for person in people:
        person.context.close()
    assert problems == []
    assert_explained()
