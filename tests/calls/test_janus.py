"""Rooms in a real Janus: who may be in one, who may not, and how it ends for those who are put out."""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from calls import janus
from tests.calls.janus_client import Handle, JanusClient, JanusError, left

pytestmark = pytest.mark.media

# Numbers of Janus' errors: of the server, and of its video rooms.
WRONG_TOKEN, WRONG_PLUGIN, NO_SESSION = 403, 405, 458
NO_SUCH_ROOM, NO_SUCH_FEED, UNAUTHORIZED = 426, 428, 433
_calls = itertools.count(time.time_ns() // 1000)
FEED, OTHER_FEED = 111, 222


@pytest.fixture
def call_id() -> Iterator[int]:
    """A call of its own for each test, whose room is removed."""
    number = next(_calls)
    yield number
    janus.remove_room(number)


@pytest.fixture
def page() -> Iterator["Page"]:
    """Make pages: `page(access)` is one that has talked to Janus with this access."""
    with ExitStack() as stack:
        yield Page(stack)


class Page:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, access: dict[str, Any]) -> JanusClient:
        return self._stack.enter_context(JanusClient(access["token"]))


def refusal(handle: Handle, request: str, **body: object) -> int:
    with pytest.raises(JanusError) as refused:
        handle.say(request, **body)
    return refused.value.code


def join_refusal(handle: Handle, access: dict[str, Any], **other: object) -> int:
    with pytest.raises(JanusError) as refused:
        handle.join(access, **other)
    return refused.value.code


class TestJoining:
    def test_lets_a_participant_in(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        joined = page(access).open().join(access)
        assert joined["videoroom"] == "joined"
        assert joined["id"] == FEED
        assert janus.participants(call_id) == [FEED]

    def test_says_where_and_how(self, call_id):
        access = janus.access(call_id, 7, FEED)
        assert access["url"] == os.environ["JANUS_URL"]
        assert access["feed"] == FEED
        assert set(access) == {"url", "token", "room", "feed", "pin"}

    def test_asking_twice_changes_nothing(self, call_id, page):
        first, again = (janus.access(call_id, 7, FEED) for _ in range(2))
        assert (first["room"], first["pin"]) == (again["room"], again["pin"])
        page(again).open().join(first)

    def test_lets_in_several_one_after_the_other(self, call_id, page):
        for feed in (FEED, OTHER_FEED):
            access = janus.access(call_id, feed, feed)
            page(access).open().join(access)
        assert sorted(janus.participants(call_id)) == [FEED, OTHER_FEED]

    def test_refuses_without_a_pin(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        handle = page(access).open()
        body = {"ptype": "publisher", "room": access["room"], "id": FEED}
        assert refusal(handle, "join", **body) == UNAUTHORIZED
        assert refusal(handle, "join", **body, pin=access["pin"]) == UNAUTHORIZED
        assert refusal(handle, "join", **body, token=access["token"]) == UNAUTHORIZED

    def test_refuses_the_pin_of_another_room(self, call_id, page):
        janus.access(call_id, 7, FEED)
        other_call = next(_calls)
        elsewhere = janus.access(other_call, 7, FEED)
        handle = page(elsewhere).open()
        assert join_refusal(handle, elsewhere, room=janus.room_of(call_id)) == UNAUTHORIZED
        janus.remove_room(other_call)

    def test_refuses_a_room_that_is_not_there(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        assert join_refusal(page(access).open(), access, room=1234) == NO_SUCH_ROOM

    def test_refuses_to_show_pictures_to_who_did_not_join(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        page(access).open().join(access)
        body = {"ptype": "subscriber", "room": access["room"], "streams": [{"feed": FEED}]}
        watching = page(access).open()
        assert refusal(watching, "join", **body) in (UNAUTHORIZED, NO_SUCH_FEED)
        assert refusal(watching, "join", **body, private_id=12345) in (UNAUTHORIZED, NO_SUCH_FEED)


class TestToken:
    def test_refuses_to_talk_without_a_good_one(self, call_id, settings):
        good = janus.token(call_id, 7, FEED)
        text, _, proof = good.partition(":")
        settings.JANUS_TOKEN_SECRET = "another"
        foreign = janus.token(call_id, 7, FEED)
        longer = text.replace(text.split(",")[0], "2000000000")
        for wrong in ("", "x", text, f"{text}:", f"{longer}:{proof}", f"{text},more:{proof}", foreign):
            assert self.talk_refusal(wrong) == WRONG_TOKEN, wrong

    def test_refuses_an_expired_one(self, call_id, monkeypatch):
        monkeypatch.setattr(janus, "TOKEN_SECONDS", -5)
        assert self.talk_refusal(janus.token(call_id, 7, FEED)) == WRONG_TOKEN

    def test_is_for_video_rooms_alone(self, call_id, monkeypatch):
        monkeypatch.setattr(janus, "PLUGIN", "janus.plugin.echotest")
        assert self.talk_refusal(janus.token(call_id, 7, FEED)) == WRONG_PLUGIN

    @staticmethod
    def talk_refusal(token: str) -> int:
        with JanusClient(token) as client, pytest.raises(JanusError) as refused:
            client.open()
        return refused.value.code


class TestExpelling:
    def test_puts_out_and_closes_the_connection(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        client = page(access)
        client.open().join(access)
        janus.expel(call_id, FEED)
        assert left(call_id, 0) == []
        assert client.hear()["reason"] == "kicked"
        with pytest.raises(JanusError) as refused:
            client.ask("keepalive")
        assert refused.value.code == NO_SESSION

    def test_lets_nobody_back_in(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        page(access).open().join(access)
        janus.expel(call_id, FEED)
        back = page(access).open()
        assert join_refusal(back, access) == UNAUTHORIZED
        assert join_refusal(back, access, id=999) == UNAUTHORIZED
        assert left(call_id, 0) == []

    def test_finds_who_joined_under_another_number(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        page(access).open().join(access, id=999)
        page(access).open().join(access)
        janus.expel(call_id, FEED)
        assert left(call_id, 0) == []

    def test_leaves_the_others_in(self, call_id, page):
        mine, theirs = janus.access(call_id, 7, FEED), janus.access(call_id, 8, OTHER_FEED)
        page(mine).open().join(mine)
        other = page(theirs).open()
        other.join(theirs)
        janus.expel(call_id, FEED)
        assert left(call_id, 1) == [OTHER_FEED]
        assert other.say("exists", room=theirs["room"])["exists"] is True

    def test_is_quick(self, call_id, page):
        for feed in range(1, 13):
            access = janus.access(call_id, feed, feed)
            client = page(access)
            client.open().join(access)
            client.open()
        started = time.monotonic()
        janus.expel(call_id, 5)
        assert time.monotonic() - started < 5
        assert len(left(call_id, 11)) == 11

    def test_of_who_is_not_there_changes_nothing(self, call_id):
        janus.expel(call_id, FEED)
        janus.ensure_room(call_id)
        janus.expel(call_id, FEED)
        assert left(call_id, 0) == []


class TestRoom:
    def test_is_gone_after_removal(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        page(access).open().join(access)
        janus.remove_room(call_id)
        janus.remove_room(call_id)
        assert janus.participants(call_id) == []
        assert join_refusal(page(access).open(), access) == NO_SUCH_ROOM

    def test_is_nobodys_to_change(self, call_id, page):
        access = janus.access(call_id, 7, FEED)
        handle = page(access).open()
        handle.join(access)
        room = {"room": access["room"]}
        for request, body in {
            "destroy": room,
            "edit": room | {"new_publishers": 1},
            "kick": room | {"id": FEED},
            "allowed": room | {"action": "disable"},
            "enable_recording": room | {"record": True},
            "moderate": room | {"id": FEED, "mid": "0", "mute": True},
        }.items():
            with pytest.raises(JanusError):
                handle.say(request, **body)
            with pytest.raises(JanusError):
                handle.say(request, **body, secret="guessed")
        assert janus.participants(call_id) == [FEED]

    def test_cannot_be_made_by_a_page(self, call_id, page):
        handle = page(janus.access(call_id, 7, FEED)).open()
        with pytest.raises(JanusError):
            handle.say("create", room=99)
        with pytest.raises(JanusError):
            handle.say("create", room=99, admin_key="guessed")
        assert handle.say("exists", room=99)["exists"] is False

    def test_shows_in_no_list(self, call_id, page):
        handle = page(janus.access(call_id, 7, FEED)).open()
        assert handle.say("list")["list"] == []

    def test_has_a_number_that_scripts_can_hold_and_nobody_guesses(self, call_id):
        numbers = {janus.room_of(number) for number in range(1000)}
        assert len(numbers) == 1000
        assert max(numbers) < 2**53
        assert 1 not in numbers


def test_is_unavailable_when_the_secret_is_wrong(settings):
    settings.JANUS_ADMIN_SECRET = "wrong"
    with pytest.raises(janus.Unavailable):
        janus.access(1, 7, FEED)
