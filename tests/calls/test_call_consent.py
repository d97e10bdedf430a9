"""When a right ends in mid-call: who is out, who goes on, and who hears of it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actions.members import deactivate_member
from accounts.models import User
from calls.actions.joining import join_call
from calls.actions.starting import start_call
from calls.actions.timeouts import end_overdue
from calls.device import Device
from calls.frames import _status
from calls.models import Call
from federation.actions.switch import set_external_connection
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.models import Membership, Room
from tests.calls.consent.going import SCENES, begin, names_in
from tests.calls.consent.judge import check, check_pushes, check_signals, frames_about
from tests.calls.consent.model import After, after
from tests.calls.ring import lines_of
from tests.calls.signals import passes
from tests.constraints import check_constraints
from tests.depth import SOAK
from tests.heard import Heard, ids
from tests.messaging.rights import CASES, Case, World, carry_out, prepare
from worksbridge.errors import WorksBridgeError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]
Verb = Callable[[World, Room], None]
OFF = {"camera": False, "screen": False}


def scenes_for(case: Case) -> list[tuple[tuple[str, ...], bool]]:
    """Some in turn, so that each scene has a case; all of them in a soak."""
    return SCENES if SOAK else SCENES[CASES.index(case) % 8 :: 8]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_i09_i11_i35_calls_end_for_those_concerned_and_go_on_for_the_others(
    world: World, heard: Heard, case: Case
) -> None:
    for scene, answered in scenes_for(case):
        with transaction.atomic():
            calls = begin(world, scene, answered=answered)
            prepare(world, case)
            before = {going.key: going.call.pk for going in calls}
            check(world, calls, [After(set(), {*going.joined, *going.ringing}, ended=False) for going in calls])
            with heard.listening():
                carry_out(world, case)
                # All of it is in the very transaction that ends the right, and nobody has heard of it.
                assert heard.sent == []
                now = [after(world, case, going) for going in calls]
                if case.cause != "deactivated":
                    check(world, calls, now)
            check(world, calls, now)
            check_constraints()
            check_pushes(world, heard, calls, now)
            check_signals(world, calls, now)
            end_overdue(timezone.now())
            check(world, calls, now)
            assert before == {going.key: going.call.pk for going in calls}
            for going, left in zip(calls, now, strict=True):
                ending = [line for line in lines_of(going.call.pk) if line.data["call"]["outcome"]]
                assert len(ending) == int(left.ended), going.key
            transaction.set_rollback(True)


# --- Removal and leaving: what one person does to another ---


def removed(world: World, room: Room) -> None:
    remove_member(master=world.people["kim"], room_id=room.pk, member_id=world.people["sato"].pk)


def left(world: World, room: Room) -> None:
    leave_room(member=world.people["sato"], room_id=room.pk)


def taken_out(world: World, room: Room) -> None:
    row = Membership.objects.select_related("member").get(room=room, member=world.people["sato"])
    withdraw_from_room(administrator=User.objects.get(handle="admin-beta"), membership=row)


@pytest.mark.parametrize("verb", [removed, left, taken_out])
def test_i04_i35_who_is_out_of_the_room_is_out_of_its_call(world: World, heard: Heard, verb: Verb) -> None:
    going = begin(world, ["alpha+beta+gamma"], answered=True)[0]
    assert going.joined == ["kim", "sato", "tran", "han"]
    with heard.listening():
        verb(world, going.call.room)
        assert names_in(world, going, "joined") == {"kim", "tran", "han"}
        assert heard.sent == []
    gone = heard.by_member("call_gone")
    assert set(gone) == ids(world.people["sato"])
    assert [(one["device"], one["reason"]) for one in frames_about(gone, going.call.pk)] == [(None, "excluded")]
    assert heard.told("call") == ids(*(world.people[name] for name in ("kim", "tran", "han")))
    check_signals(world, [going], [After({"sato"}, {"kim", "tran", "han"}, ended=False)])
    with pytest.raises(WorksBridgeError) as refused:
        join_call(member=world.people["sato"], call_id=going.call.pk, device=Device(uuid4()))
    assert refused.value.code == "not_found"


def test_the_last_one_who_is_removed_ends_the_call(world: World, heard: Heard) -> None:
    room = world.rooms["alpha+beta+gamma"]
    call = start_call(member=world.people["sato"], room_id=room.pk, kind="voice", device=Device(uuid4()))
    with heard.listening():
        removed(world, room)
        assert Call.objects.get(pk=call.pk).ended_at is not None
    assert heard.told("call_gone") == ids(world.people["sato"])
    assert heard.told("call") == set()
    assert world.people["kim"].pk in heard.reloading("room-call")
    assert world.people["sato"].pk not in heard.reloading("room-call")
    assert len([line for line in lines_of(call.pk) if line.data["call"]["outcome"]]) == 1


def test_a_room_without_anyone_of_its_company_has_no_call(world: World, heard: Heard) -> None:
    """When the hosts have gone the room is for reading, so the guests' call ends too."""
    room = world.rooms["alpha+beta"]
    call = start_call(member=world.people["sato"], room_id=room.pk, kind="voice", device=Device(uuid4()))
    join_call(member=world.people["abe"], call_id=call.pk, device=Device(uuid4()))
    for name in ("kim", "han"):
        leave_room(member=world.people[name], room_id=room.pk)
        assert Call.objects.get(pk=call.pk).ended_at is None
    with heard.listening():
        leave_room(member=world.people["lee"], room_id=room.pk)
        assert Call.objects.get(pk=call.pk).outcome == "not_allowed"
    assert heard.told("call_gone") | heard.told("call") >= ids(world.people["sato"], world.people["abe"])
    check_constraints()


def test_i13_allowed_again_no_call_revives(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=True)[0]
    for allows in (False, True):
        set_external_connection(company=world.companies["beta"], allows=allows, actor=None)
    assert names_in(world, going, "joined", "ringing") == set()
    assert Call.objects.get(pk=going.call.pk).ended_at is not None
    with pytest.raises(WorksBridgeError) as refused:
        start_call(member=world.people["kim"], room_id=going.call.room_id, kind="voice", device=Device(uuid4()))
    assert refused.value.code == "frozen"


def test_i33_a_deactivated_colleague_is_out_of_an_internal_call(world: World, heard: Heard) -> None:
    calls = begin(world, ["kim-lee"], answered=True)
    with heard.listening():
        deactivate_member(member=User.objects.get(pk=world.people["lee"].pk), actor=None)
    check(world, calls, [After({"kim", "lee"}, set(), ended=True)])
    assert world.people["kim"].pk in heard.told("call")
    assert not passes(calls[0].call, world.people["lee"], world.people["kim"])
    with pytest.raises(WorksBridgeError):
        _status(world.people["lee"].pk, {"call": calls[0].call.pk, "device": str(uuid4()), "mic": True} | OFF)
