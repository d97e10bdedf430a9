"""Faults before a call are explained with what to do, and nothing rings."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from calls.models import Call
from messaging.actions.rooms import open_direct_room
from tests.browser.calling import answer, call, caller, grows
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Someone = Callable[..., Person]
# A browser that has no microphone to give; the error's name says why (https://www.w3.org/TR/mediacapture-streams/).
REFUSING = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "{name}"));
"""
FAULTS = [
    ("NotAllowedError", "may not use the microphone"),
    ("NotFoundError", "No microphone was found"),
    ("NotReadableError", "in use by another program"),
]
# A port of this machine on which nobody listens.
NO_RELAY = [{"TURN_URLS": "turn:127.0.0.1:9?transport=udp", "TURN_SECRET": "nobody"}]


def test_who_cannot_be_heard_reads_why_and_rings_nobody(cast: Cast, someone: Someone) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    sato = caller(someone, cast.sato, room.pk)
    for name, said in FAULTS:
        kim = caller(someone, cast.kim, room.pk, fresh=True)
        kim.context.add_init_script(REFUSING.replace("{name}", name))
        window = call(kim)
        expect(window.get_by_text(re.compile(said)).first).to_be_visible(timeout=SLOW)
        expect(window.get_by_role("button", name="Try again")).to_be_visible()
        assert not Call.objects.exists()
    # They may still call, and listen.
    window.get_by_role("button", name="Continue without microphone").click()
    answer(sato)
    grows(window, "energy")


@pytest.mark.parametrize("web_environment", NO_RELAY)
def test_the_check_says_what_works_and_that_the_relay_does_not_answer(cast: Cast, someone: Someone) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = caller(someone, cast.kim, room.pk)
    page = kim.go("/calls/check/")
    expect(page.get_by_text(re.compile("The microphone works")).first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile("The camera works")).first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile("relay server .*cannot be reached")).first).to_be_visible(timeout=SLOW)
