"""Calls between real browsers, with real media: what flows is proven by what the connections count."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from calls.models import Call, Participant
from federation.actions.switch import set_external_connection
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.browser.calling import answer, call, caller, card, elsewhere, grows, hang_up, opened, stats, still
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Someone = Callable[..., Person]


@pytest.fixture
def two(cast: Cast, someone: Someone, room: Room) -> tuple[Person, Person]:
    return caller(someone, cast.kim, room.pk), caller(someone, cast.sato, room.pk)


def picture_of(window: Page, name: str) -> object:
    return window.get_by_label(name, exact=True).and_(window.locator("video"))


def line_in(person: Person, text: str) -> None:
    log = person.page.get_by_role("log", name="Messages")
    expect(log.get_by_text(re.compile(text)).first).to_be_visible(timeout=SLOW)


def test_a_voice_call_is_heard_by_both_until_one_hangs_up(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim, "Voice call")
    expect(one.get_by_role("status")).to_contain_text("Ringing", timeout=SLOW)
    expect(card(sato)).to_contain_text("Kim Minseo", timeout=SLOW)
    assert stats(one)["connected"] == 0
    other = answer(sato)
    for window in (one, other):
        grows(window, "energy", "audioPackets")
        assert stats(window)["frames"] == 0
        expect(window.locator("[data-call-time]")).to_have_text(re.compile(r"\d+:\d\d"))
    one.get_by_role("button", name="Mute").click()
    expect(one.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    hang_up(one)
    expect(other.get_by_role("button", name="Hang up")).to_have_count(0, timeout=SLOW)
    line_in(sato, r"Voice call from Kim Minseo.*: .*\d+ s")
    assert Call.objects.get().outcome == Call.Outcome.ENDED


def test_a_video_call_is_seen_by_both_and_a_screen_can_be_shared(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim, "Video call")
    other = answer(sato, "Accept with video")
    for window, name in ((one, "Sato Yui"), (other, "Kim Minseo")):
        grows(window, "frames", "energy")
        expect(picture_of(window, name)).to_be_visible()
    other.get_by_role("button", name="Camera").click()
    still(one, "frames")
    other.get_by_role("button", name="Camera").click()
    grows(one, "frames")
    one.get_by_role("button", name="Share screen").click()
    expect(one.get_by_role("button", name="Share screen")).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    grows(other, "frames")
    one.get_by_role("button", name="Share screen").click()
    expect(one.get_by_role("button", name="Share screen")).to_have_attribute("aria-pressed", "false", timeout=SLOW)
    hang_up(other)


def test_a_declined_call_ends_for_both(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim)
    card(sato).get_by_role("button", name="Decline").click()
    expect(card(sato)).to_have_count(0)
    expect(one.get_by_text(re.compile("declined", re.IGNORECASE)).first).to_be_visible(timeout=SLOW)
    line_in(kim, "declined")
    assert Call.objects.get().outcome == Call.Outcome.DECLINED


def test_someone_in_a_call_is_busy_for_others(
    cast: Cast, someone: Someone, two: tuple[Person, Person], room: Room
) -> None:
    kim, sato = two
    one = call(kim)
    other = answer(sato)
    grows(other, "audioPackets")
    second = open_direct_room(member=cast.lee, other=cast.sato)
    lee = caller(someone, cast.lee, second.pk)
    third = call(lee)
    expect(third.get_by_text(re.compile("another call|busy", re.IGNORECASE)).first).to_be_visible(timeout=SLOW)
    expect(card(sato)).to_have_count(0)
    grows(one, "audioPackets")
    assert Call.objects.get(room=second).outcome == Call.Outcome.BUSY


@pytest.mark.parametrize("web_environment", [{"CALLS_RING_SECONDS": "5", "CALLS_LOST_SECONDS": "5"}])
def test_i34_nobody_answers_and_the_ring_ends(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim)
    expect(card(sato)).to_be_visible(timeout=SLOW)
    expect(one.get_by_text(re.compile("no answer|did not answer", re.IGNORECASE)).first).to_be_visible(timeout=SLOW)
    expect(card(sato)).to_have_count(0, timeout=SLOW)
    expect(sato.page.get_by_role("region", name="Notifications")).to_contain_text("missed", timeout=SLOW)
    assert Call.objects.get().outcome == Call.Outcome.NO_ANSWER


def test_i34_two_who_call_each_other_at_once_get_one_call(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim)
    # Whether or not it rings already: with the keyboard, because the card may lie over the button by now.
    link = sato.page.get_by_role("link", name="Voice call", exact=True).first
    other = opened(sato, lambda: link.press("Enter"))
    for window in (one, other):
        grows(window, "energy")
    assert Call.objects.get().state == "live"
    expect(card(sato)).to_have_count(0, timeout=SLOW)


def test_i34_answering_in_one_page_stops_the_ring_in_the_others(
    cast: Cast, someone: Someone, two: tuple[Person, Person], room: Room
) -> None:
    kim, sato = two
    phone = caller(someone, cast.sato, room.pk)
    one = call(kim)
    for page in (sato, phone):
        expect(card(page)).to_be_visible(timeout=SLOW)
    # In step with the ring, but too late.
    late = phone.context.new_page()
    other = answer(sato)
    expect(card(phone)).to_have_count(0, timeout=SLOW)
    grows(one, "energy")
    late.goto(f"{phone.origin}/calls/{Call.objects.get().pk}/")
    expect(late.get_by_text(re.compile("another window|another device", re.IGNORECASE)).first).to_be_visible(
        timeout=SLOW
    )
    grows(other, "energy")


def test_i35_media_end_within_a_second_when_a_company_closes(cast: Cast, two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim, "Video call")
    other = answer(sato, "Accept with video")
    grows(one, "frames")
    grows(other, "frames")
    started = elsewhere(lambda: set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta))
    for window in (one, other):
        window.wait_for_function('() => document.querySelector("wb-call").peers().length === 0', timeout=SLOW)
    took = time.monotonic() - started
    print(f"\nmedia ended {took:.2f} s after the administrator's decision was committed")
    for window in (one, other):
        expect(window.get_by_role("button", name="Hang up")).to_have_count(0)
    assert Call.objects.get().outcome == Call.Outcome.NOT_ALLOWED


@pytest.mark.parametrize("web_environment", [{"CALLS_LOST_SECONDS": "4", "CALLS_RECOVER_SECONDS": "8"}])
def test_a_closed_window_ends_the_call(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim)
    other = answer(sato)
    grows(one, "energy")
    other.close()
    expect(one.get_by_role("button", name="Hang up")).to_have_count(0, timeout=SLOW)
    assert not Participant.objects.filter(state=Participant.State.JOINED).exists()
    assert Call.objects.filter(ended_at__lt=F("started_at") + timedelta(minutes=1)).exists()


def test_a_reloaded_window_comes_back_to_its_call(two: tuple[Person, Person]) -> None:
    kim, sato = two
    one = call(kim)
    other = answer(sato)
    grows(one, "energy")
    other.reload()
    grows(other, "energy")
    grows(one, "energy")
    assert Call.objects.get().state == "live"
