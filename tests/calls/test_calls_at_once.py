"""Calls on which several act at the very moment, each in a thread of its own, with real connections."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call, Participant
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import leave_room
from messaging.actions.rooms import open_direct_room, reopen_direct_room
from tests.calls.ring import lines_of
from tests.calls.storm.crowd import JOIN_BY_HAND
from tests.calls.storm.snapshot import snapshot, wrong_in
from tests.calls.storm.storm import CallStorm
from tests.cast import Cast, make_members
from tests.storms import Work

pytestmark = pytest.mark.usefixtures("no_media_servers", "quick_threads")


def together(*works: Callable[[], Any]) -> tuple[list[Any], CallStorm]:
    """Do these at the same moment, each in a thread of its own. Returns what each gave, None for a refusal."""
    storm, barrier = CallStorm(), threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def do(number: int) -> None:
        with connection.execute_wrapper(storm._count_deadlocks):
            connection.ensure_connection()
            barrier.wait()
            found[number] = storm.act(str(number), works[number])
        connections.close_all()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storm.failures == []
    assert storm.deadlocks == {}
    return found, storm


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_i34_two_who_call_each_other_at_the_very_moment_get_one_call(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(8):
        devices = [uuid4(), uuid4()]
        calls, _storm = together(
            lambda: start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(devices[0])),  # noqa: B023
            lambda: start_call(member=cast.sato, room_id=room.pk, kind="voice", device=Device(devices[1])),  # noqa: B023
        )
        assert calls[0].pk == calls[1].pk
        assert Participant.objects.filter(call=calls[0], state="joined").count() == 2
        assert Call.objects.filter(ended_at=None).count() == 1
        leave_call(member=cast.kim, call_id=calls[0].pk, device=devices[0])


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_i34_two_pages_that_answer_at_the_very_moment_yield_one(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(8):
        mine, pages = uuid4(), [uuid4(), uuid4()]
        call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
        _found, storm = together(
            lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(pages[0])),  # noqa: B023
            lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(pages[1])),  # noqa: B023
        )
        assert sorted(name.split(": ")[-1] for name in storm.outcomes if ":" in name) == ["elsewhere"]
        assert Participant.objects.get(call=call, member=cast.sato).device in pages
        leave_call(member=cast.kim, call_id=call.pk, device=mine)


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_one_who_answers_two_calls_at_the_very_moment_is_in_one(cast: Cast) -> None:
    rooms = [open_direct_room(member=other, other=cast.sato) for other in (cast.kim, cast.ito)]
    for _round in range(8):
        own = [uuid4(), uuid4()]
        calls = [
            start_call(member=other, room_id=room.pk, kind="voice", device=Device(device))
            for other, room, device in zip((cast.kim, cast.ito), rooms, own, strict=True)
        ]
        found, storm = together(
            lambda: join_call(member=cast.sato, call_id=calls[0].pk, device=Device(uuid4())),  # noqa: B023
            lambda: join_call(member=cast.sato, call_id=calls[1].pk, device=Device(uuid4())),  # noqa: B023
        )
        assert len([one for one in found if one]) == 1, storm.outcomes
        assert Participant.objects.filter(member=cast.sato, state="joined").count() == 1
        for other, call, device in zip((cast.kim, cast.ito), calls, own, strict=True):
            leave_call(member=other, call_id=call.pk, device=device)
        assert not Call.objects.filter(ended_at=None).exists()


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["answer", "cancel", "decline"])
def test_i12_whoever_acts_while_the_link_closes_is_out_of_the_call(cast: Cast, how: str) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(4):
        mine = uuid4()
        call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
        acts = {
            "answer": lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(uuid4())),  # noqa: B023
            "cancel": lambda: leave_call(member=cast.kim, call_id=call.pk, device=mine),  # noqa: B023
            "decline": lambda: decline_call(member=cast.sato, call_id=call.pk),  # noqa: B023
        }
        together(acts[how], lambda: set_external_connection(company=cast.beta, allows=False, actor=None))
        assert wrong_in(snapshot()) == set()
        call.refresh_from_db()
        assert call.ended_at is not None
        assert call.told_at is not None
        assert len(lines_of(call.pk)) == 1
        set_external_connection(company=cast.beta, allows=True, actor=None)
        reopen_direct_room(member=cast.kim, other=cast.sato)


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["hang up", "leave the room", "close"])
def test_i09_sql_by_hand_that_waits_for_an_ending_gets_nobody_in(cast: Cast, ending: str) -> None:
    """It has begun before the ending was committed, and is let on after it."""
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Room")
    mine, storm = uuid4(), CallStorm()
    call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
    endings: dict[str, Work] = {
        "hang up": lambda: leave_call(member=cast.kim, call_id=call.pk, device=mine),
        "leave the room": lambda: leave_room(member=cast.sato, room_id=room.pk),
        "close": lambda: set_external_connection(company=cast.beta, allows=False, actor=None),
    }

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(JOIN_BY_HAND, {"call": call.pk, "member": cast.sato.pk, "device": uuid4()})

    def by_hand() -> None:
        storm.by_hand("join by hand", insert)
        connections.close_all()

    thread = threading.Thread(target=by_hand)
    with transaction.atomic():
        endings[ending]()
        thread.start()
        time.sleep(0.3)
    thread.join()
    assert storm.failures == []
    assert storm.outcomes == {"join by hand: stopped": 1}
    assert wrong_in(snapshot()) == set()


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_four_at_most_however_many_come_at_once(cast: Cast) -> None:
    people = [cast.kim, cast.lee, cast.admin_alpha, *make_members(cast.alpha, [f"Han {n}" for n in range(4)])]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Room")
    for _round in range(4):
        # Also the first of them, who begin it at the same moment.
        works = [
            lambda one=one: start_call(member=one, room_id=room.pk, kind="voice", device=Device(uuid4()))
            for one in people
        ]
        found, _storm = together(*works)
        assert len({call.pk for call in found if call}) == 1
        assert Participant.objects.filter(state="joined", call__ended_at=None).count() == 4
        for one in Participant.objects.filter(state="joined").select_related("member__company"):
            assert one.device
            leave_call(member=one.member, call_id=one.call_id, device=one.device)
        assert not Call.objects.filter(ended_at=None).exists()
