"""Calls, as the pages of those who make them see them: through HTTP, with what is pushed beside it."""

import base64
import hashlib
import hmac
import re
import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.actions.members import deactivate_member
from accounts.models import Notification, User
from calls import janus, sfu
from calls.actions.overdue import end_overdue
from calls.models import Call, Participant
from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.actions.rooms import open_direct_room
from messaging.listing import room_rows
from messaging.models import Message, Room
from tests.calls.ring import (
    Capture,
    Heard,
    Window,
    everything,
    ids,
    lines_of,
    person_in,
    refusal_in,
    snapshot_in,
    states,
    wait,
    without_media_servers,
)
from tests.cast import Cast, make_member, signed_in

pytestmark = pytest.mark.django_db
MISSING = 987_654_321


@pytest.fixture(autouse=True)
def no_media_servers(settings: Any) -> None:
    without_media_servers(settings)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture) -> Heard:
    return Heard(monkeypatch, django_capture_on_commit_callbacks)


@pytest.fixture
def room(cast: Cast) -> Room:
    """The 1:1 room of Kim (alpha) and Sato (beta)."""
    return open_direct_room(member=cast.kim, other=cast.sato)


@pytest.fixture
def group(cast: Cast) -> Room:
    """Kim, Lee (alpha), Sato and Ito (beta)."""
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Project X")


def ring(caller: Window, room: Room, kind: str = "voice") -> int:
    """A call that rings, by its id."""
    said = snapshot_in(caller.start(room, kind))
    assert said["state"] == "ringing"
    return int(said["id"])


def talk(caller: Window, callee: Window, room: Room) -> int:
    """A call that was answered, by its id."""
    call = ring(caller, room)
    assert snapshot_in(callee.join(call))["state"] == "live"
    return call


def gathering(room: Room, *windows: Window) -> int:
    """A group call with these in it, by its id."""
    call = int(snapshot_in(windows[0].start(room, "video"))["id"])
    for window in windows[1:]:
        snapshot_in(window.join(call))
    return call


def rings_of(member: User) -> list[int]:
    """The calls that ring for a member now."""
    return [one.call.pk for one in signed_in(member).get(reverse("calls:ringing")).context["rings"]]


def rows_of(member: User) -> list[Any]:
    """The rows of a member's Calls page."""
    return list(signed_in(member).get(reverse("calls:list")).context["page"].object_list)


def notices_of(member: User) -> list[str]:
    return [row.data["text"] for row in Notification.objects.filter(recipient=member, kind="call.missed")]


# --- A call of two ---


def test_a_call_rings_in_the_other_persons_pages_and_nowhere_else(cast: Cast, room: Room, heard: Heard) -> None:
    kim = Window(cast.kim)
    with heard.listening():
        call = ring(kim, room, "video")
    assert heard.reloading("ringing") == ids(cast.sato)
    assert heard.told("call") <= ids(cast.kim, cast.sato)
    assert not heard.told("call_started")
    assert rings_of(cast.sato) == [call]
    assert rings_of(cast.kim) == rings_of(cast.lee) == rings_of(cast.ito) == []
    card = signed_in(cast.sato).get(reverse("calls:ringing")).context["rings"][0]
    assert card.caller == cast.kim
    assert card.call.kind == "video"
    assert parse_datetime(str(card.until)) == parse_datetime(kim.state(call)["ring_until"])


def test_the_snapshot_says_all_that_the_contract_lists(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    before = timezone.now()
    said = snapshot_in(kim.start(room, "video"))
    assert set(said) == {
        *("id", "room", "rev", "kind", "direct", "state", "mode", "outcome", "started_by", "started_at"),
        *("answered_at", "ended_at", "ring_until", "people"),
    }
    assert (said["room"], said["kind"], said["direct"], said["mode"]) == (room.pk, "video", True, "mesh")
    assert (said["outcome"], said["answered_at"], said["ended_at"]) == ("", None, None)
    assert said["started_by"] == cast.kim.pk
    started, until = parse_datetime(said["started_at"]), parse_datetime(said["ring_until"])
    assert started is not None
    assert until is not None
    assert before <= started <= timezone.now()
    assert (until - started).total_seconds() == 45
    mine, theirs = person_in(said, cast.kim), person_in(said, cast.sato)
    assert set(mine) == {
        *("member", "name", "company", "company_name", "state", "device", "feed", "mic", "camera", "screen"),
        *("lost", "html"),
    }
    assert (mine["name"], mine["company"], mine["company_name"]) == ("Kim Minseo", cast.alpha.pk, "alpha")
    assert (mine["state"], mine["device"], mine["screen"], mine["lost"]) == ("joined", kim.device, False, False)
    assert (theirs["state"], theirs["device"]) == ("ringing", "")
    assert mine["feed"] != theirs["feed"]
    assert "Kim Minseo" in mine["html"]
    # The same for every viewer.
    assert kim.state(said["id"]) == Window(cast.sato).state(said["id"])


def test_answering_makes_it_live_for_both(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    before = kim.state(call)
    with heard.listening():
        said = snapshot_in(sato.join(call, mic=0, camera=1))
    assert (said["state"], said["ring_until"]) == ("live", None)
    assert said["answered_at"]
    assert said["rev"] > before["rev"]
    assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert person_in(said, cast.sato)["device"] == sato.device
    assert (person_in(said, cast.sato)["mic"], person_in(said, cast.sato)["camera"]) == (False, True)
    pushed = heard.by_member("call")
    assert set(pushed) == ids(cast.kim, cast.sato)
    assert pushed[cast.kim.pk][-1]["call"] == said == kim.state(call)
    assert not heard.told("call_gone")


def test_i34_answering_in_one_page_stops_the_ring_in_the_others(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    other = sato.another()
    call = ring(kim, room)
    with heard.listening():
        snapshot_in(sato.join(call))
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert refusal_in(other.join(call)) == (409, "elsewhere")
    assert person_in(kim.state(call), cast.sato)["device"] == sato.device
    # The same page asks twice: a retry changes nothing.
    snapshot_in(sato.join(call))
    assert Participant.objects.filter(call=call, state="joined").count() == 2


def test_a_call_moves_to_another_page(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    other = sato.another()
    call = talk(kim, sato, room)
    answered = kim.state(call)["answered_at"]
    with heard.listening():
        said = snapshot_in(other.join(call, move=1))
    gone = heard.by_member("call_gone")
    assert set(gone) == ids(cast.sato)
    assert [(one["call"], one["device"], one["reason"]) for one in gone[cast.sato.pk]] == [(call, sato.device, "moved")]
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert person_in(said, cast.sato)["device"] == other.device
    assert (said["state"], said["answered_at"]) == ("live", answered)
    # The page that was left behind closes now, and says good-bye.
    assert sato.leave(call).status_code == 204
    assert states(kim.state(call)) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert sato.get("media", call, device=sato.device).status_code in (403, 404, 409)
    assert other.get("media", call, device=other.device).status_code == 200


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_hanging_up_ends_the_call_for_both(cast: Cast, room: Room, heard: Heard, who: str) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(192, (call, cast.kim), (call, cast.sato))
    with heard.listening():
        assert (kim if who == "caller" else sato).leave(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "ended")
    assert set(states(said).values()) == {"left"}
    assert heard.told("call") | heard.told("call_gone") == ids(cast.kim, cast.sato)
    length = parse_datetime(said["ended_at"]) - parse_datetime(said["answered_at"])
    assert 192 <= length.total_seconds() < 195
    assert [row.seconds for member in (cast.kim, cast.sato) for row in rows_of(member)] in ([192, 192], [193, 193])
    told = lines_of(call)
    assert [message.body for message in told] in (
        ["Voice call from Kim Minseo (alpha): 3 min 12 s"],
        ["Voice call from Kim Minseo (alpha): 3 min 13 s"],
    )
    assert refusal_in(sato.join(call)) == (409, "over")
    assert not notices_of(cast.sato)


def test_declining_tells_the_caller_and_stops_the_ring(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        assert sato.decline(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "declined")
    assert states(said)[cast.sato.pk] == "declined"
    assert heard.by_member("call")[cast.kim.pk][-1]["call"]["outcome"] == "declined"
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert [message.body for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): declined"]
    # Who declines has not missed it.
    assert not notices_of(cast.sato)
    assert refusal_in(sato.join(call)) == (409, "over")
    # A late second click.
    assert sato.decline(call).status_code in (204, 409)
    assert kim.state(call) == said


def test_cancelling_stops_the_ring_and_leaves_a_missed_call(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        assert kim.leave(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "cancelled")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "missed"}
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert refusal_in(sato.join(call)) == (409, "over")
    assert [message.body for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): cancelled"]
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert notices_of(cast.kim) == []


def test_i34_a_ring_ends_by_itself(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    wait(44, (call, cast.kim))
    assert kim.state(call)["state"] == "ringing"
    with heard.listening():
        wait(1, (call, cast.kim))
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "no_answer")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "missed"}
    assert heard.by_member("call")[cast.kim.pk][-1]["call"]["outcome"] == "no_answer"
    assert cast.sato.pk in heard.reloading("ringing")
    assert heard.told("notice") == ids(cast.sato)
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert [message.body for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): no answer"]
    # A late answer is refused, and changes nothing.
    before = everything()
    assert refusal_in(sato.join(call)) == (409, "over")
    assert everything() == before


def test_a_caller_whose_page_has_gone_rings_no_more(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    wait(9)
    assert rings_of(cast.sato) == [call]
    wait(26)
    assert rings_of(cast.sato) == []
    assert kim.state(call)["state"] == "ended"
    assert refusal_in(sato.join(call)) == (409, "over")
    assert notices_of(cast.sato)


def test_i34_two_who_call_each_other_at_once_get_one_call(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        said = snapshot_in(sato.start(room, "video"))
    assert (said["id"], said["state"], said["kind"]) == (call, "live", "voice")
    assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert Call.objects.count() == 1
    assert rings_of(cast.kim) == rings_of(cast.sato) == []
    # A second press of one's own button is the same call too.
    assert snapshot_in(kim.start(room))["id"] == call
    assert Call.objects.count() == 1


def test_who_is_in_another_call_is_busy(cast: Cast, room: Room, heard: Heard) -> None:
    sato, lee = Window(cast.sato), Window(cast.lee)
    theirs = talk(Window(cast.ito), sato, open_direct_room(member=cast.ito, other=cast.sato))
    kim = Window(cast.kim)
    with heard.listening():
        said = snapshot_in(kim.start(room))
    assert (said["state"], said["outcome"]) == ("ended", "busy")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "busy"}
    assert rings_of(cast.sato) == []
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert [message.body for message in lines_of(said["id"])] == ["Voice call from Kim Minseo (alpha): busy"]
    assert sato.state(theirs)["state"] == "live"
    assert refusal_in(sato.join(said["id"])) == (409, "over")
    # Kim was in no call after all, and may call somebody else.
    assert ring(kim, open_direct_room(member=cast.kim, other=cast.lee))
    assert lee.post("decline", Call.objects.latest("pk").pk).status_code == 204


def test_who_takes_one_of_two_rings_is_busy_for_the_other(cast: Cast, room: Room, heard: Heard) -> None:
    kim, ito, sato = Window(cast.kim), Window(cast.ito), Window(cast.sato)
    first = ring(kim, room)
    second = ring(ito, open_direct_room(member=cast.ito, other=cast.sato))
    assert sorted(rings_of(cast.sato)) == [first, second]
    with heard.listening():
        snapshot_in(sato.join(second))
    said = kim.state(first)
    assert (said["state"], said["outcome"]) == ("ended", "busy")
    assert heard.by_member("call")[cast.kim.pk][-1]["call"] == said
    assert rings_of(cast.sato) == []
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert refusal_in(sato.join(first))[0] == 409
    assert sato.state(second)["state"] == "live"


def test_who_is_in_a_call_starts_and_answers_no_other(cast: Cast, room: Room, group: Room) -> None:
    kim, sato, ito = (Window(person) for person in (cast.kim, cast.sato, cast.ito))
    call = talk(kim, sato, room)
    assert refusal_in(kim.start(group)) == (409, "in_call")
    theirs = gathering(group, ito)
    before = everything()
    assert refusal_in(kim.another().join(theirs)) == (409, "in_call")
    assert refusal_in(kim.another().join(theirs, move=1)) == (409, "in_call")
    assert everything() == before
    kim.leave(call)
    assert states(snapshot_in(kim.join(theirs))) == {cast.ito.pk: "joined", cast.kim.pk: "joined"}


def test_starting_again_in_another_page_says_where_one_is(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    call = ring(kim, room)
    assert refusal_in(kim.another().start(room)) == (409, "elsewhere")
    assert person_in(kim.state(call), cast.kim)["device"] == kim.device


# --- Pages that are lost, and come back ---


def test_a_lost_page_of_two_is_waited_for_and_may_come_back(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    with heard.listening():
        wait(12, (call, cast.kim))
    said = kim.state(call)
    assert said["state"] == "live"
    assert (person_in(said, cast.sato)["lost"], person_in(said, cast.kim)["lost"]) == (True, False)
    assert heard.by_member("call")[cast.kim.pk][-1]["call"] == said
    back = sato.another()
    with heard.listening():
        again = snapshot_in(back.join(call))
    assert (again["state"], again["answered_at"]) == ("live", said["answered_at"])
    assert person_in(again, cast.sato)["device"] == back.device
    assert not person_in(again, cast.sato)["lost"]
    assert cast.kim.pk in heard.told("call")
    wait(9, (call, cast.kim), (call, cast.sato))
    wait(9, (call, cast.kim), (call, cast.sato))
    assert kim.state(call)["state"] == "live"


def test_i35_a_lost_page_of_two_ends_the_call_after_a_while(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12, (call, cast.kim))
    wait(7, (call, cast.kim))
    assert kim.state(call)["state"] == "live"
    with heard.listening():
        wait(2, (call, cast.kim))
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "ended")
    assert cast.kim.pk in heard.told("call") | heard.told("call_gone")
    assert refusal_in(sato.join(call)) == (409, "over")
    assert not Participant.objects.filter(state__in=["joined", "ringing"]).exists()


def test_a_call_whose_both_pages_are_lost_ends(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12)
    wait(9)
    assert kim.state(call)["state"] == "ended"
    assert len(lines_of(call)) == 1


def test_hanging_up_while_the_other_one_is_lost_ends_the_call_at_once(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12, (call, cast.kim))
    kim.leave(call)
    assert (kim.state(call)["state"], kim.state(call)["outcome"]) == ("ended", "ended")
    assert refusal_in(sato.join(call)) == (409, "over")


def test_a_page_that_is_loaded_again_is_waited_for(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    answered = kim.state(call)["answered_at"]
    with heard.listening():
        assert kim.post("leave", call, device=kim.device, closed=1).status_code == 204
    said = sato.state(call)
    assert (said["state"], person_in(said, cast.kim)["lost"]) == ("live", True)
    assert heard.by_member("call")[cast.sato.pk][-1]["call"] == said
    assert kim.get("media", call, device=kim.device).status_code in (403, 404, 409)
    again = snapshot_in(kim.another().join(call, move=1))
    assert (again["state"], again["answered_at"]) == ("live", answered)
    assert not person_in(again, cast.kim)["lost"]


def test_a_closed_page_ends_the_call_of_two_within_15_seconds(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    kim.post("leave", call, device=kim.device, closed=1)
    wait(4, (call, cast.sato))
    assert sato.state(call)["state"] == "live"
    wait(8, (call, cast.sato))
    assert (sato.state(call)["state"], sato.state(call)["outcome"]) == ("ended", "ended")
    assert refusal_in(kim.join(call)) == (409, "over")


def test_a_caller_who_closes_the_page_rings_no_more_within_15_seconds(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    kim.post("leave", call, device=kim.device, closed=1)
    wait(12)
    assert rings_of(cast.sato) == []
    assert kim.state(call)["outcome"] == "cancelled"
    assert notices_of(cast.sato)
    assert refusal_in(sato.join(call)) == (409, "over")


def test_a_closed_page_is_out_of_a_group_call_at_once(cast: Cast, group: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = gathering(group, kim, sato)
    with heard.listening():
        sato.post("leave", call, device=sato.device, closed=1)
    assert states(kim.state(call)) == {cast.kim.pk: "joined"}
    assert cast.kim.pk in heard.told("call")
    # The last one's too, though the call waits a moment for a page that is loaded again.
    kim.post("leave", call, device=kim.device, closed=1)
    assert states(snapshot_in(kim.another().join(call))) == {cast.kim.pk: "joined"}
    kim.another().post("leave", call, device=str(Participant.objects.get(call=call, state="joined").device), closed=1)
    wait(12)
    assert kim.state(call)["state"] == "ended"
    assert len(lines_of(call)) == 2


# --- Calls in group rooms ---


def test_a_group_call_rings_nobody_and_is_shown_in_the_room(cast: Cast, group: Room, heard: Heard) -> None:
    kim = Window(cast.kim)
    with heard.listening():
        said = snapshot_in(kim.start(group, "video"))
    call = said["id"]
    assert (said["state"], said["direct"], said["ring_until"]) == ("live", False, None)
    assert states(said) == {cast.kim.pk: "joined"}
    assert heard.told("call_started") == ids(cast.lee, cast.sato, cast.ito)
    frame = heard.by_member("call_started")[cast.lee.pk][0]
    assert (frame["call"], frame["room"]) == (call, group.pk)
    assert frame["html"]
    assert heard.reloading("room-call") == ids(cast.kim, cast.lee, cast.sato, cast.ito)
    assert {frame["room"] for _to, frame in heard.frames("reload") if "room-call" in frame["parts"]} == {group.pk}
    assert not heard.reloading("ringing")
    assert rings_of(cast.lee) == []
    for member, inside in ((cast.kim, True), (cast.lee, False)):
        bar = signed_in(member).get(reverse("calls:room", args=[group.pk])).context
        assert (bar["call"].pk, bar["people"], bar["inside"]) == (call, [cast.kim], inside)
    assert [message.body for message in lines_of(call)] == ["Kim Minseo (alpha) started a video call"]


def test_people_come_and_go_in_a_group_call_and_the_last_one_ends_it(cast: Cast, group: Room, heard: Heard) -> None:
    kim, lee, sato = (Window(person) for person in (cast.kim, cast.lee, cast.sato))
    call = gathering(group, kim)
    with heard.listening():
        said = snapshot_in(sato.join(call))
    assert said["answered_at"]
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert cast.ito.pk in heard.reloading("room-call")
    said = snapshot_in(lee.start(group))
    assert said["id"] == call
    assert [person["member"] for person in said["people"]] == [cast.kim.pk, cast.sato.pk, cast.lee.pk]
    wait(30, *((call, person) for person in (cast.kim, cast.sato, cast.lee)))
    with heard.listening():
        kim.leave(call)
    assert heard.told("call") - ids(cast.kim) == ids(cast.sato, cast.lee)
    assert states(lee.state(call)) == {cast.sato.pk: "joined", cast.lee.pk: "joined"}
    lee.leave(call)
    # Who has left may come again, and one person alone may wait for others.
    assert sato.state(call)["state"] == "live"
    assert states(snapshot_in(kim.join(call))) == {cast.sato.pk: "joined", cast.kim.pk: "joined"}
    kim.leave(call)
    with heard.listening():
        sato.leave(call)
    said = kim.state(call)
    assert (said["state"], said["outcome"], said["people"]) == ("ended", "ended", [])
    assert heard.reloading("room-call") == ids(cast.kim, cast.lee, cast.sato, cast.ito)
    assert signed_in(cast.ito).get(reverse("calls:room", args=[group.pk])).context["call"] is None
    assert [message.body for message in lines_of(call)][1:] in (
        ["The video call ended after 30 s"],
        ["The video call ended after 31 s"],
    )
    assert refusal_in(kim.join(call)) == (409, "over")
    # A new one may begin.
    assert snapshot_in(kim.start(group))["id"] != call


def test_a_group_call_that_nobody_joined_says_so(cast: Cast, group: Room) -> None:
    kim = Window(cast.kim)
    call = gathering(group, kim)
    kim.leave(call)
    said = kim.state(call)
    assert (said["state"], said["answered_at"]) == ("ended", None)
    assert said["outcome"] in ("no_answer", "cancelled")
    assert len(lines_of(call)) == 2
    # A group call rings for nobody, so nobody has missed it.
    assert not Notification.objects.filter(kind="call.missed").exists()


def test_a_lost_page_is_out_of_a_group_call_and_may_come_back(cast: Cast, group: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = gathering(group, kim, sato)
    wait(9, (call, cast.kim))
    assert states(kim.state(call)) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    with heard.listening():
        wait(3, (call, cast.kim))
    assert states(kim.state(call)) == {cast.kim.pk: "joined"}
    assert cast.kim.pk in heard.told("call")
    assert [frame["reason"] for frame in heard.by_member("call_gone")[cast.sato.pk]] == ["lost"]
    assert states(snapshot_in(sato.another().join(call))) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    wait(60)
    assert kim.state(call)["state"] == "ended"
    assert refusal_in(kim.join(call)) == (409, "over")


def test_a_fifth_person_is_refused_without_janus_with_the_reason(cast: Cast, group: Room) -> None:
    more = [make_member(cast.alpha, f"Han {number}") for number in range(2)]
    big = create_group_room(creator=cast.kim, members=[cast.lee, *more, cast.admin_alpha], name="Big")
    windows = [Window(person) for person in (cast.kim, cast.lee, *more)]
    call = gathering(big, *windows)
    fifth = Window(cast.admin_alpha)
    before = everything()
    for answer in (fifth.join(call), fifth.start(big)):
        assert refusal_in(answer) == (409, "full")
        assert re.search(r"4|four", answer.json()["text"])
    assert everything() == before
    windows[1].leave(call)
    assert len(snapshot_in(fifth.join(call))["people"]) == 4
    assert refusal_in(windows[1].join(call)) == (409, "full")
    # Whoever is in changes the page without needing another place.
    assert snapshot_in(windows[0].another().join(call, move=1))["mode"] == "mesh"


@pytest.fixture
def asked(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A deployment with Janus, and what Janus is asked; how it answers is shown by tests with a real one."""
    settings.JANUS_URL, settings.JANUS_ADMIN_URL = "wss://janus.example/", "http://127.0.0.1:9/admin"
    settings.JANUS_ADMIN_SECRET = settings.JANUS_TOKEN_SECRET = "secret"
    settings.CALLS_MOST = 6
    found: list[tuple[Any, ...]] = []

    def ask(name: str) -> Any:
        def work(*about: int) -> str:
            found.append((name, *about))
            return f"pin {about[-1]}"

        return work

    for name in ("ensure_room", "admit", "expel", "remove_room"):
        monkeypatch.setattr(janus, name, ask(name))
    monkeypatch.setattr(sfu._threads, "submit", lambda work: work())
    return found


def test_from_the_fifth_person_on_media_go_through_janus_until_the_call_ends(
    cast: Cast, heard: Heard, asked: list[tuple[Any, ...]]
) -> None:
    people = [cast.kim, *(make_member(cast.alpha, f"Han {number}") for number in range(7))]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Big")
    windows = [Window(person) for person in people]
    call = gathering(room, *windows[:4])
    assert asked == []
    assert windows[0].state(call)["mode"] == "mesh"
    with heard.listening():
        said = snapshot_in(windows[4].join(call))
    assert said["mode"] == "sfu"
    assert asked == [("ensure_room", call)]
    assert heard.told("call") == ids(*people[:5])
    feeds = {person["member"]: person["feed"] for person in said["people"]}
    assert len(set(feeds.values())) == 5
    tokens = set()
    for window in windows[:5]:
        media = window.get("media", call, device=window.device).json()["janus"]
        assert set(media) == {"url", "token", "room", "feed", "pin"}
        assert (media["url"], media["feed"]) == ("wss://janus.example/", feeds[window.member.pk])
        assert media["pin"] == f"pin {media['feed']}"
        tokens.add(media["token"])
    assert len(tokens) == 5
    assert windows[5].get("media", call, device=windows[5].device).status_code in (403, 404, 409)
    snapshot_in(windows[5].join(call))
    assert refusal_in(windows[6].join(call)) == (409, "full")
    asked.clear()
    # Whoever is out, by whatever way, is out of Janus too, with what they held.
    with heard.listening():
        windows[4].leave(call)
        remove_member(master=cast.kim, room_id=room.pk, member_id=people[3].pk)
    assert sorted(asked) == sorted(("expel", call, feeds[person.pk]) for person in people[3:5])
    asked.clear()
    with heard.listening():
        moved = snapshot_in(windows[1].another().join(call, move=1))
    assert asked == [("expel", call, feeds[people[1].pk])]
    assert person_in(moved, people[1])["feed"] != feeds[people[1].pk]
    # It stays with Janus, also with few in it.
    assert (len(moved["people"]), moved["mode"]) == (4, "sfu")
    asked.clear()
    with heard.listening():
        deactivate_member(member=User.objects.get(pk=people[2].pk), actor=None)
    assert asked == [("expel", call, feeds[people[2].pk])]
    with heard.listening():
        wait(60)
        wait(60)
    assert windows[0].state(call)["state"] == "ended"
    assert ("remove_room", call) in asked


def test_without_an_answer_of_janus_the_fifth_is_told_and_the_four_go_on(
    cast: Cast, asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [cast.kim, *(make_member(cast.alpha, f"Han {number}") for number in range(4))]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Big")
    windows = [Window(person) for person in people]
    call = gathering(room, *windows[:4])

    def silent(_call: int) -> None:
        raise janus.Unavailable

    monkeypatch.setattr(janus, "ensure_room", silent)
    before = everything()
    assert refusal_in(windows[4].join(call)) == (503, "unavailable")
    assert refusal_in(windows[4].start(room)) == (503, "unavailable")
    assert everything() == before


# --- Consent ---


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
    assert [message.body for message in lines_of(call, cast.kim)] == ["Voice call from Kim Minseo (alpha): no answer"]
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


# --- The Calls page ---


def test_the_calls_page_shows_each_side_how_it_was(cast: Cast, room: Room, group: Room, settings: Any) -> None:
    kim, sato, lee = (Window(person) for person in (cast.kim, cast.sato, cast.lee))
    answered = talk(kim, sato, room)
    wait(8, (answered, cast.kim), (answered, cast.sato))
    sato.leave(answered)
    declined = ring(sato, room)
    kim.decline(declined)
    missed = ring(kim, room)
    settings.CALLS_RING_SECONDS = 0
    end_overdue()
    cancelled = ring(kim, room, "video")
    kim.leave(cancelled)
    together = gathering(group, lee, kim)
    kim.leave(together)
    lee.leave(together)

    def shown(member: User) -> list[tuple[int, str, bool]]:
        return [(row.call.pk, row.direction, row.seconds is not None) for row in rows_of(member)]

    assert shown(cast.kim) == [
        (together, "incoming", True),
        (cancelled, "outgoing", False),
        (missed, "outgoing", False),
        (declined, "declined", False),
        (answered, "outgoing", True),
    ]
    assert shown(cast.sato)[-4:] == [
        (cancelled, "missed", False),
        (missed, "missed", False),
        (declined, "outgoing", False),
        (answered, "incoming", True),
    ]
    assert shown(cast.lee) == [(together, "outgoing", True)]
    assert shown(cast.tran) == []
    first = rows_of(cast.kim)[-1]
    assert (first.room_id, first.other, first.is_external, first.can_call) == (room.pk, cast.sato, True, True)
    assert 8 <= first.seconds < 10
    row = rows_of(cast.kim)[0]
    assert (row.room_id, row.room_name, row.other, row.count) == (group.pk, "Project X", None, 2)
    page = signed_in(cast.sato).get(reverse("calls:list")).content.decode()
    assert "Kim Minseo" in page
    assert "data-calls" in page


def test_i04_calls_of_a_room_one_is_out_of_are_not_listed(cast: Cast, group: Room, room: Room) -> None:
    sato, kim = Window(cast.sato), Window(cast.kim)
    together = gathering(group, kim, sato)
    for window in (sato, kim):
        window.leave(together)
    kim.leave(ring(kim, room))
    assert len(rows_of(cast.sato)) == 2
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    # The 1:1 room is kept to be read; calling back is not offered.
    assert [(row.room_id, row.can_call) for row in rows_of(cast.sato)] == [(room.pk, False)]
    assert [(row.room_id, row.can_call) for row in rows_of(cast.kim) if row.room_id == room.pk] == [(room.pk, False)]


def test_the_calls_page_comes_in_pages_with_a_constant_number_of_queries(cast: Cast) -> None:
    def past_calls(number: int) -> None:
        for _call in range(number):
            other = make_member(cast.beta, f"Person {Call.objects.count()}")
            room = open_direct_room(member=cast.kim, other=other)
            now = timezone.now()
            call = Call.objects.create(
                room=room,
                kind="voice",
                started_by=other,
                started_at=now,
                answered_at=now,
                ended_at=now,
                told_at=now,
                outcome="ended",
            )
            for feed, person in enumerate((cast.kim, other)):
                Participant.objects.create(call=call, member=person, state="left", feed=feed + 1, joined_at=now)

    client = signed_in(cast.kim)

    def queries() -> int:
        client.get(reverse("calls:list"))
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("calls:list"))
        assert page.status_code == 200
        return len(seen)

    past_calls(5)
    few = queries()
    past_calls(45)
    assert queries() == few
    assert few < 20
    listed: list[int] = []
    for number in range(1, client.get(reverse("calls:list")).context["page"].paginator.num_pages + 1):
        listed += [row.call.pk for row in client.get(reverse("calls:list"), {"page": number}).context["page"]]
    assert listed == sorted(Call.objects.values_list("pk", flat=True), reverse=True)
    for wrong in ("0", "x", "99999"):
        assert client.get(reverse("calls:list"), {"page": wrong}).status_code in (200, 400, 404)


def test_a_missed_call_notice_leads_to_the_room(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    kim.leave(ring(kim, room, "video"))
    notice = Notification.objects.get(recipient=cast.sato, kind="call.missed")
    assert notice.data["text"] == "You missed a video call from Kim Minseo (alpha)."
    assert signed_in(cast.sato).get(notice.url).status_code == 200


def test_lines_of_calls_carry_what_pages_need_and_keep_the_rooms_order(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    assert lines_of(call) == []
    sato.decline(call)
    line = lines_of(call)[0]
    assert re.search(
        rf'<span class="call-line" data-call="{call}" data-kind="voice" data-outcome="declined"'
        rf' data-caller="{cast.kim.pk}">',
        line.html,
    )
    assert f'data-person="{cast.kim.pk}"' in line.html
    again = talk(kim, sato, room)
    kim.leave(again)
    room.refresh_from_db()
    assert list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True)) == list(
        range(1, room.rev + 1)
    )
    page = signed_in(cast.sato).get(f"/messages/{room.pk}/").content.decode()
    assert f'data-call="{call}"' in page


# --- The call window ---


def auto_in(client: Client, path: str, **headers: str) -> str:
    """What a call window does by itself."""
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    found = re.search(r'<wb-call[^>]*\bdata-auto="([^"]*)"', answer.content.decode())
    shown = found[1] if found else ""
    assert shown == answer.context["auto"]
    return shown


@pytest.mark.parametrize("site", ["same-origin", "cross-site", "same-site", "none", ""])
def test_another_site_makes_nobody_call_or_answer(cast: Cast, room: Room, site: str) -> None:
    headers = {"sec_fetch_site": site} if site else {}
    own = site == "same-origin"
    new = f"{reverse('calls:new')}?room={room.pk}&kind=voice"
    client = signed_in(cast.kim)
    assert auto_in(client, new, **headers) == ("start" if own else "")
    # Looking at the page rings nobody.
    assert not Call.objects.exists()
    call = ring(Window(cast.kim), room)
    theirs = signed_in(cast.sato)
    for kind in ("voice", "video"):
        path = f"{reverse('calls:call', args=[call])}?answer={kind}"
        assert auto_in(theirs, path, **headers) == (kind if own else "")
    assert auto_in(theirs, reverse("calls:call", args=[call]), **headers) == ""
    assert auto_in(theirs, f"{reverse('calls:call', args=[call])}?answer=%22x", **headers) == ""
    assert Call.objects.get().answered_at is None


def test_the_window_before_a_call_is_for_who_may_call(cast: Cast, room: Room) -> None:
    kim = signed_in(cast.kim)
    shown = kim.get(reverse("calls:new"), {"room": room.pk, "kind": "video"}).context
    assert (shown["call"], shown["room_id"], shown["other"], shown["kind"]) == (None, room.pk, cast.sato, "video")
    assert (shown["is_direct"], shown["is_external"], shown["sfu"]) == (True, True, False)
    assert kim.get(reverse("calls:new"), {"person": cast.sato.pk, "kind": "voice"}).context["room_id"] == room.pk
    for wrong in ({"room": MISSING}, {"person": MISSING}, {"person": cast.tran.pk}, {"room": "x"}, {}):
        assert kim.get(reverse("calls:new"), wrong | {"kind": "voice"}).status_code in (400, 404), wrong
    answers = [signed_in(cast.tran).get(reverse("calls:new"), {"room": pk}) for pk in (room.pk, MISSING)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["start", "join", "decline", "leave"])
def test_a_form_of_another_site_is_refused(cast: Cast, room: Room, name: str) -> None:
    kim = Window(cast.kim)
    call = MISSING if name == "start" else ring(kim, room)
    before = everything()
    for person in (cast.kim, cast.sato):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        path = reverse(f"calls:{name}", args=[] if name == "start" else [call])
        form = {"room": room.pk, "kind": "voice", "device": kim.device}
        assert strict.post(path, form).status_code == 403
        assert strict.get(path, form).status_code == 405
    assert everything() == before


def test_a_page_that_closes_leaves_by_a_form_sent_in_the_background(cast: Cast, room: Room) -> None:
    """`navigator.sendBeacon` sends no headers of its own: the token stands in the form."""
    kim = Window(cast.kim)
    call = ring(kim, room)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.kim, backend="allauth.account.auth_backends.AuthenticationBackend")
    strict.get(reverse("calls:call", args=[call]))
    token = strict.cookies["csrftoken"].value
    form = {"device": kim.device, "csrfmiddlewaretoken": token}
    assert strict.post(reverse("calls:leave", args=[call]), form).status_code == 204
    assert kim.state(call)["outcome"] == "cancelled"


@pytest.mark.parametrize(
    "form",
    [
        {"device": ""},
        {"device": "not a uuid"},
        {"device": "\x00"},
        {"kind": "film"},
        {"kind": ""},
        {"room": "x"},
        {"room": ""},
        {"room": "9" * 40},
        {"room": "-1"},
    ],
    ids=str,
)
def test_what_no_page_sends_starts_nothing(cast: Cast, room: Room, form: dict[str, str]) -> None:
    kim = Window(cast.kim)
    answer = kim.post("start", **({"room": room.pk, "kind": "voice", "device": kim.device} | form))
    assert answer.status_code in (400, 404)
    assert answer.json()["code"]
    assert not Call.objects.exists()


def test_what_no_page_sends_answers_nothing(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    before = everything()
    for device in ("", "x", "\x00"):
        assert sato.join(call, device=device).status_code == 400, device
        assert kim.post("leave", call, device=device).status_code in (204, 400)
    assert everything() == before
    # A hostile number is as good as none.
    assert sato.get("state", 10**30).status_code == 404


def test_i38_who_rings_without_end_has_to_wait(cast: Cast, room: Room, settings: Any) -> None:
    settings.LIVE_RATE_FACTOR = 1
    kim = Window(cast.kim)
    for _call in range(200):
        answer = kim.start(room)
        if answer.status_code != 200:
            break
        kim.leave(answer.json()["id"])
    assert refusal_in(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 0
    assert not Call.objects.filter(ended_at=None).exists()


def test_i06_pages_of_calls_are_never_cached_by_others(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    call = ring(kim, room)
    pages = [reverse(f"calls:{name}") for name in ("list", "check", "ice", "ringing")]
    pages += [reverse("calls:call", args=[call]), reverse("calls:state", args=[call])]
    pages += [reverse("calls:room", args=[room.pk]), f"{reverse('calls:media', args=[call])}?device={kim.device}"]
    for path in pages:
        answer = kim.client.get(path)
        assert answer.status_code == 200, path
        assert {"private", "no-store"} <= set(re.split(r",\s*", answer.headers["Cache-Control"])), path
