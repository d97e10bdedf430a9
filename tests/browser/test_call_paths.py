"""The ways media take: through coturn alone, and a path that is cut and comes back."""

import os
import re
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from calls.models import Call
from messaging.actions.rooms import open_direct_room
from tests.browser.calling import answer, call, caller, grows, stats
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.django_db(transaction=True)]
Someone = Callable[..., Person]
RELAY = [{"CALLS_RELAY_ONLY": "*"}]


@pytest.fixture(autouse=True)
def coturn() -> Iterator[int]:
    """The process id of the coturn of this run; it goes on whatever a test did to it."""
    pid = int(os.environ["TURN_PID"])
    yield pid
    os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("web_environment", RELAY)
def test_i36_a_call_through_coturn_alone(cast: Cast, someone: Someone) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = (caller(someone, one, room.pk) for one in (cast.kim, cast.sato))
    one = call(kim, "Video call")
    other = answer(sato, "Accept with video")
    for window in (one, other):
        grows(window, "frames", "energy")
        assert stats(window)["relays"] == stats(window)["connected"] > 0


@pytest.mark.parametrize("web_environment", RELAY)
def test_a_path_that_is_cut_is_said_and_mended(cast: Cast, someone: Someone, coturn: int) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = (caller(someone, one, room.pk) for one in (cast.kim, cast.sato))
    one = call(kim)
    other = answer(sato)
    for window in (one, other):
        grows(window, "audioPackets")
    os.kill(coturn, signal.SIGSTOP)
    expect(one.get_by_role("status").first).to_contain_text(re.compile("connection", re.IGNORECASE), timeout=SLOW)
    os.kill(coturn, signal.SIGCONT)
    for window in (one, other):
        grows(window, "audioPackets", "energy")
        expect(window.get_by_role("button", name="Hang up")).to_be_visible()
        said = window.get_by_text(re.compile("connection lost", re.IGNORECASE))
        expect(said.filter(visible=True)).to_have_count(0, timeout=SLOW)
    assert Call.objects.get().state == "live"
