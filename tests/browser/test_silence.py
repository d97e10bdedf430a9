"""A page whose server has gone silent: the connection is open, but nothing arrives."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Person
from tests.cast import Cast
from tests.live.web import WebProcess

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COUNTING = """
window.attempts = 0;
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    window.attempts += 1;
    this.addEventListener("message", () => window.heard = true);
  }
};
"""


def test_i20_a_page_gives_up_a_silent_connection_and_also_one_that_does_not_come_about(
    cast: Cast, web: WebProcess, someone: Callable[..., Person]
) -> None:
    person = someone(fresh=True)
    person.page.add_init_script(COUNTING)
    person.page.clock.install()
    page = person.sign_in(cast.kim.email)
    _wait(page, "window.heard")
    os.kill(web.pid, signal.SIGSTOP)
    # The next heartbeat and the wait for its answer; the kernel still takes connections for the process.
    page.clock.run_for(17_000)
    _wait(page, "window.attempts === 2")
    page.clock.run_for(12_000)
    _wait(page, "window.attempts >= 3")
    page.evaluate("window.heard = false")
    os.kill(web.pid, signal.SIGCONT)
    page.clock.run_for(12_000)
    _wait(page, "window.heard")


def _wait(page: Page, condition: str) -> None:
    """Wait in the test's own time: the page's clock is turned by hand."""
    end = time.monotonic() + 15
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.1)
