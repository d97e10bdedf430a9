"""A real Chromium against a real web process."""

import json
import os
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.audit_replay import assert_explained
from tests.cast import PASSWORD, signed_in
from tests.live.web import ROOT, WebProcess

USUAL = {"viewport": {"width": 1440, "height": 860}, "locale": "en-US"}
# How long a test waits for what has to come, in milliseconds: on a busy machine a page takes its time.
SLOW = 30_000
expect.set_options(timeout=SLOW)
# "At once" in the product's words is a second; a busy machine draws it later, and a lost push is made up for after ten.
AT_ONCE = 7_000
UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
RECORD = ROOT / ".data" / "chromium.json"


FLAGS = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
# A camera and a microphone that need nobody in front of them, and sound that needs no click to be played. Few pictures
# a second: encoding them is most of what calls cost.
FLAGS += ["--use-fake-device-for-media-stream=fps=5", "--use-fake-ui-for-media-stream"]
FLAGS += ["--autoplay-policy=no-user-gesture-required"]


def chromium_options() -> dict[str, Any]:
    """How to launch the Chromium that the set-up found or fetched; fails with what to install when there is none."""
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"error": "Run `make test`: it finds a browser."}
    if "error" in record:
        pytest.fail(record["error"])
    env = {**os.environ, **record["env"]}
    return {"executable_path": record["path"], "args": [*FLAGS, *record["args"]], "env": env}


# What a context would carry over to the next test.
LASTING = ("add_init_script", "expose_binding", "expose_function", "route", "set_extra_http_headers", "set_offline")


class Chromium:
    """The browser of a test process, open from the first test that wants it to the last of a row of such tests."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._browser: Browser | None = None
        self._free: defaultdict[str, list[BrowserContext]] = defaultdict(list)

    def open(self) -> Browser:
        """The running browser."""
        if self._browser is None:
            playwright = self._stack.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(**chromium_options())
            self._stack.callback(self._browser.close)
            # The tests' own queries are meant, although a loop runs in this thread.
            os.environ[UNSAFE] = "true"
            self._stack.callback(os.environ.pop, UNSAFE)
        return self._browser

    def close(self) -> None:
        """Close it, and with it Playwright's event loop, which occupies this thread."""
        self._browser = None
        self._free.clear()
        self._stack.close()

    def context(self, options: dict[str, Any], *, fresh: bool) -> BrowserContext:
        """A context without anything of anybody's.

        Unless it has to be `fresh`, one that an earlier test has left, whose cache holds the product's scripts and
        styles: to fetch and compile these is more than half of what a new person costs.
        """
        free = self._free[str(options)]
        if free and not fresh:
            return free.pop()
        context = self.open().new_context(**options)
        context.set_default_timeout(SLOW)
        if not fresh:
            for name in LASTING:
                setattr(context, name, partial(_refuse, name))
        return context

    def give_back(self, context: BrowserContext, options: dict[str, Any], origin: str) -> None:
        """No longer in use: clear the sign-in and all stored data, but keep the cache."""
        for page in context.pages:
            page.close()
        page = context.new_page()
        stored = {"origin": origin, "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
        page.close()
        context.clear_cookies()
        context.clear_permissions()
        self._free[str(options)].append(context)


def _refuse(name: str, *_args: object, **_kwargs: object) -> None:
    raise AssertionError(f"`{name}` stays with the context: make this person with `someone(fresh=True)`.")


_chromium = Chromium()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the browser before a test without one: asynchronous tests cannot run in a thread that has a loop."""
    if nextitem is None or nextitem.get_closest_marker("browser") is None:
        _chromium.close()


@pytest.fixture
def browser() -> Browser:
    """The browser of all tests."""
    return _chromium.open()


@pytest.fixture
def web_environment() -> dict[str, str]:
    """What a test wants its web process to be told; tests override it by parametrising."""
    return {}


@pytest.fixture
def web(
    transactional_db: None, tmp_path: Path, collected_static: Path, web_environment: dict[str, str], settings: Any
) -> Iterator[WebProcess]:
    """A running web process on this test's database, with static files; what the test itself pushes reaches it too.

    The files have names by their content, so that browsers keep them.
    """
    usual = {"STATIC_ROOT": str(collected_static), "STATIC_HASHED": "1", "LIVE_RATE_FACTOR": "20"}
    process = WebProcess(tmp_path / "web.log", **usual | web_environment)
    layer = settings.CHANNEL_LAYERS["default"]
    prefix = {"prefix": process.channel_prefix}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
    process.start()
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
        """Come with a session of this member, as if signed in some time ago."""
        session = signed_in(User.objects.get(email=email)).session.session_key
        self.context.add_cookies([{"name": "sessionid", "value": str(session), "url": self.origin}])
        return self.go(after)

    def sign_in_by_form(self, email: str, after: str = "/messages/") -> Page:
        """Sign in at the page that people use."""
        page = self.go(f"/accounts/login/?next={after}")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.origin + after)
        return page


@pytest.fixture
def someone(browser: Browser, web: WebProcess) -> Iterator[Callable[..., Person]]:
    """Make people with a browser each: `someone()`; options go to the browser's context.

    Who changes more of their browser than its pages comes with a `fresh` one.
    """
    people: list[tuple[Person, dict[str, Any], bool]] = []

    def make(*, fresh: bool = False, permissions: Sequence[str] = (), **options: object) -> Person:
        context = _chromium.context(USUAL | options, fresh=fresh)
        context.grant_permissions(permissions)
        person = Person(context, web.origin)
        people.append((person, USUAL | options, fresh))
        return person

    yield make
    problems = [problem for person, _options, _fresh in people for problem in person.problems]
    for person, options, fresh in people:
        if fresh:
            person.context.close()
        else:
            _chromium.give_back(person.context, options, person.origin)
    assert problems == []
    assert_explained()
