"""Who may call, and what people see who may not."""

import base64
import hashlib
import hmac
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.members import deactivate_member
from calls.models import Call, Participant
from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from messaging.pages.room_list import room_rows
from tests.calls.ring import (
    Window,
    everything,
    gathering,
    lines_of,
    notices_of,
    person_in,
    refusal_in,
    ring,
    rings_of,
    rows_of,
    snapshot_in,
    states,
    talk,
    wait,
)
from tests.cast import Cast, signed_in
from tests.heard import Heard, ids
from tests.words import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]
MISSING = 987_654_321


def test_i15_a_blocked_persons_ring_reaches_nobody_and_they_are_not_told(cast: Cast, room: Room, heard: Heard) -> None:
    open_call = ring(Window(cast.kim), room)
    usual = Window(cast.kim).state(open_call)
    Window(cast.sato).decline(open_call)
    block_external_user(member=cast.sato, person=cast.kim)
    kim, sato = Window(cast.kim), Window(cast.sato)
    before = len(rows_of(cast.sato)), [(row.id, row.unread, row.preview) for row in room_rows(cast.sato)]
    with heard.listening():
        call = ring(kim, room)
    assert not any(cast.sato.pk in one.get("to", ()) for one in heard.sent)
    said = kim.state(call)
    assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "ringing"}
    assert set(said) == set(usual)
    assert set(person_in(said, cast.sato)) == set(person_in(usual, cast.sato))
    assert rings_of(cast.sato) == []
    # For the blocker it does not exist, whatever they ask.
    for name, method in (("state", "get"), ("join", "post"), ("decline", "post"), ("leave", "post"), ("call", "get")):
        answers = [getattr(sato, method)(name, pk, device=sato.device) for pk in (call, MISSING)]
        assert [answer.status_code for answer in answers] == [404, 404], name
        assert answers[0].content == answers[1].content
    assert signed_in(cast.sato).get(reverse("calls:room", args=[room.pk])).context["call"] is None
    with heard.listening():
        wait(46, (call, cast.kim))
    said = kim.state(call)
    assert (said["outcome"], states(said)[cast.sato.pk]) == ("no_answer", "missed")
    assert not any(cast.sato.pk in one.get("to", ()) for one in heard.sent)
    told = [words_of(message) for message in lines_of(call, cast.kim)]
    assert told == ["Voice call from Kim Minseo (alpha): no answer"]
    assert lines_of(call, cast.sato) == []
    assert not notices_of(cast.sato)
    assert (len(rows_of(cast.sato)), [(row.id, row.unread, row.preview) for row in room_rows(cast.sato)]) == before
    assert len(rows_of(cast.kim)) == 2


@pytest.mark.parametrize("how", ["cancelled", "busy"])
def test_i15_a_blocked_person_learns_nothing_from_how_the_ring_ends(
    cast: Cast, room: Room, heard: Heard, how: str
) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    if how == "busy":
        talk(Window(cast.ito), Window(cast.sato), open_direct_room(member=cast.ito, other=cast.sato))
    kim = Window(cast.kim)
    with heard.listening():
        # Not "busy": that would say that somebody is there.
        call = ring(kim, room)
        kim.leave(call)
    assert kim.state(call)["outcome"] == "cancelled"
    assert not any(cast.sato.pk in one.get("to", ()) for one in heard.sent)
    assert lines_of(call, cast.sato) == []
    assert not notices_of(cast.sato)


def test_i15_who_blocked_somebody_does_not_call_them(cast: Cast, room: Room, heard: Heard) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    before = everything()
    with heard.listening():
        assert refusal_in(Window(cast.sato).start(room)) == (403, "blocked")
    assert everything() == before
    assert not any(cast.kim.pk in one.get("to", ()) for one in heard.sent)
    # A withheld ring is no way around it.
    call = ring(Window(cast.kim), room)
    assert refusal_in(Window(cast.sato).start(room)) == (403, "blocked")
    assert states(Window(cast.kim).state(call))[cast.sato.pk] == "ringing"


def test_i15_after_unblocking_the_withheld_ring_stays_withheld_and_calls_work(cast: Cast, room: Room) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    unblock_external_user(member=cast.sato, person=cast.kim)
    assert rings_of(cast.sato) == []
    assert sato.get("state", call).status_code == 404
    kim.leave(call)
    assert lines_of(call, cast.sato) == []
    assert talk(kim, sato, room)


def test_i15_who_calls_back_while_a_withheld_ring_goes_on_gets_one_call(cast: Cast, room: Room) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    kim, sato = Window(cast.kim), Window(cast.sato)
    ring(kim, room)
    unblock_external_user(member=cast.sato, person=cast.kim)
    said = snapshot_in(sato.start(room))
    assert Call.objects.filter(room=room, ended_at=None).count() == 1
    assert said["state"] in ("live", "ringing")
    if said["state"] == "live":
        assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}


def test_i15_a_lost_caller_who_is_blocked_meanwhile_does_not_come_back(cast: Cast, room: Room) -> None:
    """Kim rings and loses the page, Sato answers and waits, and blocks Kim: that is the end of it."""
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    wait(12)
    snapshot_in(sato.join(call))
    block_external_user(member=cast.sato, person=cast.kim)
    kim.another().join(call)
    assert Participant.objects.filter(call=call, state="joined").count() < 2
    assert kim.state(call)["answered_at"] is None
    wait(60)
    assert kim.state(call)["state"] == "ended"


def test_i15_who_blocks_the_one_they_ring_from_another_page_rings_no_more(cast: Cast, room: Room) -> None:
    """Kim's call window is gone, its ring is still waited for, and Kim blocks Sato in a page that is left."""
    kim = Window(cast.kim)
    call = ring(kim, room)
    wait(12)
    assert rings_of(cast.sato) == [call]
    block_external_user(member=cast.kim, person=cast.sato)
    assert rings_of(cast.sato) == []
    assert kim.state(call)["outcome"] == "cancelled"


def test_i15_in_a_group_room_the_blocker_gets_no_toast_of_the_blocked_one(
    cast: Cast, group: Room, heard: Heard
) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    kim = Window(cast.kim)
    with heard.listening():
        call = gathering(group, kim)
    assert heard.told("call_started") == ids(cast.lee, cast.ito)
    # Both stay in the room, and in its call.
    assert states(snapshot_in(Window(cast.sato).join(call))) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}


def test_i12_nobody_calls_across_a_closed_link(cast: Cast, room: Room, group: Room, heard: Heard) -> None:
    ring(Window(cast.kim), room)
    Window(cast.kim).post("leave", Call.objects.get().pk, device=uuid4())
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    before = everything()
    with heard.listening():
        for person in (cast.kim, cast.sato):
            status, code = refusal_in(Window(person).start(room))
            assert (status, code in ("frozen", "not_allowed")) == (403, True)
        assert refusal_in(Window(cast.sato).start(group)) == (404, "not_found")
    assert everything() == before
    assert heard.sent == []


def test_i01_a_stranger_starts_nothing_in_a_room(cast: Cast, room: Room, group: Room, heard: Heard) -> None:
    with heard.listening():
        for person in (cast.tran, cast.admin_beta):
            for foreign in (room, group):
                stranger = Window(person)
                form = {"kind": "voice", "device": stranger.device}
                answers = [stranger.post("start", room=pk, **form) for pk in (foreign.pk, MISSING)]
                assert [answer.status_code for answer in answers] == [404, 404]
                assert answers[0].content == answers[1].content
    assert heard.sent == []
    assert not Call.objects.exists()


def test_a_deactivated_colleague_is_not_rung(cast: Cast, heard: Heard) -> None:
    room = open_direct_room(member=cast.kim, other=cast.lee)
    deactivate_member(member=cast.lee, actor=cast.admin_alpha)
    answer = Window(cast.kim).start(room)
    assert answer.status_code in (200, 403)
    if answer.status_code == 200:
        assert rings_of(cast.kim) == []
        Window(cast.kim).post("leave", answer.json()["id"], device=uuid4())


def test_state_and_media_are_for_those_in_it(cast: Cast, room: Room, group: Room) -> None:
    kim, sato, lee = (Window(person) for person in (cast.kim, cast.sato, cast.lee))
    call = ring(kim, room)
    media = kim.get("media", call, device=kim.device)
    assert media.json() == {"iceServers": [], "relayOnly": False, "janus": None}
    # Who only rings learns that it rings, and gets no media yet.
    assert sato.get("state", call).status_code == 200
    assert sato.get("media", call, device=sato.device).status_code in (403, 404, 409)
    for device in (str(uuid4()), "", "kim"):
        assert kim.get("media", call, device=device).status_code in (400, 403, 404, 409), device
    for stranger in (lee, Window(cast.tran), Window(cast.operator)):
        for name in ("state", "media"):
            answers = [stranger.get(name, pk, device=stranger.device) for pk in (call, MISSING)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
    snapshot_in(sato.join(call))
    assert sato.get("media", call, device=sato.device).status_code == 200
    kim.leave(call)
    for window in (kim, sato):
        assert window.get("media", call, device=window.device).status_code in (403, 404, 409)
    together = gathering(group, kim)
    assert lee.get("media", together, device=lee.device).status_code in (403, 404, 409)


def test_i36_turn_credentials_are_each_members_own_and_expire(cast: Cast, room: Room, settings: Any) -> None:
    settings.TURN_URLS = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
    settings.TURN_SECRET, settings.TURN_SECONDS = "secret", 600
    settings.CALLS_RELAY_ONLY = ["beta"]
    found = {}
    for person, relay in ((cast.kim, False), (cast.sato, True)):
        said = Window(person).get("ice").json()
        assert said["relayOnly"] is relay
        turn = next(server for server in said["iceServers"] if "username" in server)
        assert turn["urls"] == settings.TURN_URLS
        expiry, member = turn["username"].split(":")
        assert int(member) == person.pk
        assert abs(int(expiry) - time.time() - 600) < 5
        digest = hmac.new(b"secret", turn["username"].encode(), hashlib.sha1).digest()
        assert turn["credential"] == base64.b64encode(digest).decode()
        found[person.pk] = turn["credential"]
    assert len(set(found.values())) == 2
    assert "secret" not in str(Window(cast.kim).get("ice").content)
    kim = Window(cast.kim)
    call = ring(kim, room)
    media = kim.get("media", call, device=kim.device).json()
    assert media["iceServers"][-1]["urls"] == settings.TURN_URLS
    settings.CALLS_RELAY_ONLY = ["*"]
    assert kim.get("ice").json()["relayOnly"] is True
    assert Client().get(reverse("calls:ice")).status_code == 302
