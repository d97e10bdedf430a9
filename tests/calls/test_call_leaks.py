"""What must not leak from calls, nor stop them: to former members, newcomers, the blocked, from one call to another."""

from typing import Any
from uuid import UUID

import pytest

from calls import janus, janus_sync
from calls.actions import timeouts
from calls.actions.status import set_status
from calls.actions.timeouts import end_overdue
from calls.models import Call, Participant
from contacts.actions.block import block_external_user
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import remove_member
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.calls.ring import Window, gathering, notices_of, pass_time, refusal_in, ring, snapshot_in
from tests.cast import Cast, make_member, make_members
from tests.heard import Capture, Heard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_i04_a_former_member_hears_nothing_when_the_call_ends_later(cast: Cast, group: Room, heard: Heard) -> None:
    kim, sato, lee = Window(cast.kim), Window(cast.sato), Window(cast.lee)
    call = gathering(group, kim, sato, lee)
    with heard.listening():
        remove_member(master=cast.kim, room_id=group.pk, member_id=cast.sato.pk)
    lee.leave(call)
    with heard.listening():
        kim.leave(call)
    assert [one["frame"] for one in heard.sent if cast.sato.pk in one.get("to", ())] == []
    assert any(cast.lee.pk in one.get("to", ()) for one in heard.sent)


def test_i03_a_newcomer_reads_nothing_of_calls_before_their_time(cast: Cast, group: Room) -> None:
    kim, lee = Window(cast.kim), Window(cast.lee)
    call = gathering(group, kim, lee)
    kim.leave(call)
    lee.leave(call)
    new = make_member(cast.alpha, "New Comer")
    add_members(master=cast.kim, room_id=group.pk, people=[new])
    assert Window(new).get("state", call).status_code == 404
    assert lee.get("state", call).status_code == 200


def test_a_call_moves_also_to_a_window_that_was_about_to_call(cast: Cast, group: Room) -> None:
    phone, desk = Window(cast.kim), Window(cast.kim)
    call = gathering(group, phone, Window(cast.lee))
    assert refusal_in(desk.start(group)) == (409, "elsewhere")
    moved = desk.post("start", room=group.pk, kind="voice", device=desk.device, move=1)
    assert snapshot_in(moved)["id"] == call
    assert str(Participant.objects.get(call=call, member=cast.kim).device) == desk.device


def test_i35_who_is_put_out_while_janus_lets_them_in_is_out(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture
) -> None:
    settings.JANUS_URL, settings.JANUS_ADMIN_URL = "wss://janus.example/", "http://127.0.0.1:9/admin"
    settings.JANUS_ADMIN_SECRET = settings.JANUS_TOKEN_SECRET = "secret"
    people = [cast.kim, cast.lee, *make_members(cast.alpha, [f"Han {n}" for n in range(4)])]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Many")
    allowed: set[int] = set()
    monkeypatch.setattr(janus, "expel", lambda call, feed: allowed.discard(feed))
    monkeypatch.setattr(janus, "ensure_room", lambda call: None)
    monkeypatch.setattr(janus_sync._threads, "submit", lambda work: work())
    windows = [Window(one) for one in people]
    call = gathering(room, *windows[:5])
    feed = Participant.objects.get(call=call, member=people[3]).feed

    def admit(call_id: int, admitted: int) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            remove_member(master=cast.kim, room_id=room.pk, member_id=people[3].pk)
        allowed.add(admitted)
        return "pin"

    monkeypatch.setattr(janus, "admit", admit)
    assert windows[3].get("media", call, device=windows[3].device).status_code == 404
    assert feed not in allowed


def test_who_only_mutes_makes_no_page_of_the_room_look_anew(cast: Cast, group: Room, heard: Heard) -> None:
    kim, lee = Window(cast.kim), Window(cast.lee)
    call = gathering(group, kim, lee)
    with heard.listening():
        set_status(member_id=cast.kim.pk, call_id=call, device=UUID(kim.device), mic=False, camera=False, screen=False)
    assert heard.reloading("room-call") == set()
    assert set(heard.told("call")) == {cast.kim.pk, cast.lee.pk}


def test_i34_one_call_that_fails_keeps_no_other_from_its_end(
    cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = ring(Window(cast.kim), room)
    good = ring(Window(cast.lee), open_direct_room(member=cast.lee, other=cast.ito))
    real = timeouts._apply
    monkeypatch.setattr(timeouts, "_apply", lambda change: real(change) if change.call.pk != bad else 1 / 0)
    pass_time(60)
    end_overdue()
    assert Call.objects.get(pk=good).outcome == Call.Outcome.NO_ANSWER
    assert Call.objects.get(pk=bad).ended_at is None


def test_i15_who_answered_and_blocks_is_not_told_that_they_missed_it(
    cast: Cast, room: Room, django_capture_on_commit_callbacks: Capture
) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    pass_time(11)
    end_overdue()
    snapshot_in(sato.join(call))
    with django_capture_on_commit_callbacks(execute=True):
        block_external_user(member=cast.sato, person=cast.kim)
    assert Call.objects.get(pk=call).outcome == Call.Outcome.CANCELLED
    assert notices_of(cast.sato) == []


def test_i15_a_caller_does_not_see_that_they_are_blocked(cast: Cast, room: Room, heard: Heard) -> None:
    kim = Window(cast.kim)
    call = ring(kim, room)
    before = kim.state(call)
    with heard.listening():
        block_external_user(member=cast.sato, person=cast.kim)
    assert kim.state(call) == before
    assert not heard.told("call")
    assert heard.reloading("ringing") == {cast.sato.pk}
