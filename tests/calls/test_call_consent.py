"""When a right ends in mid-call: who is out, who goes on, who hears of it; and the database's own guards."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.actions.members import deactivate_member
from accounts.models import AuditEntry, Notification, User
from calls.actions.joining import join_call
from calls.actions.leaving import leave_call
from calls.actions.starting import start_call
from calls.actions.timeouts import end_overdue
from calls.device import Device
from calls.frames import _status
from calls.models import Call, Participant
from calls.signalling import relay
from calls.snapshots import snapshot
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Membership, Message, Room
from tests.calls.ring import check_constraints, lines_of, texts_in, without_media_servers
from tests.cast import Cast
from tests.depth import SOAK
from tests.heard import Heard, ids
from tests.messaging.rights import (
    CASES,
    COMPANY_OF,
    GROUPS,
    STAFF,
    Case,
    World,
    carry_out,
    expected_of,
    inside,
    kept_world,
    prepare,
)
from worksbridge.errors import WorksBridgeError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_media_servers(settings: Any) -> None:
    without_media_servers(settings)


@pytest.fixture
def world(db: None) -> World:
    return kept_world()


@dataclass
class Going:
    """A live call: its room, its participants and those it rings for."""

    key: str
    call: Call
    joined: list[str]
    ringing: list[str] = field(default_factory=list)


# Calls that can go on at the same time, because nobody is in two of them. First who calls, then who answers.
RINGS = (("kim-sato", "tran-sato", "han-abe", "dora-sato"), ("sato-kim", "lee-kim"), ("tran-kim", "abe-han"))
TALKS = (("kim-sato", "tran-dora", "han-abe"), ("kim-tran", "sato-dora"), ("sato-tran", "kim-dora"), ("kim-lee",))
GATHERINGS = tuple((key,) for key in GROUPS)


def four_of(key: str) -> list[str]:
    """As many as can be in a call without Janus: the first of each company, then more of the hosting one."""
    people = inside(key)
    first = [name for name in people if name == STAFF[COMPANY_OF[name]][0]]
    return [*first, *(name for name in people if name not in first)][:4]


def begin(world: World, scene: Iterable[str], *, answered: bool) -> list[Going]:
    """The calls of a scene."""
    found = []
    for key in scene:
        people = key.split("-") if "-" in key else four_of(key)
        room = world.rooms.get(key) or world.rooms["-".join(reversed(people))]
        caller, *others = (world.people[name] for name in people)
        call = start_call(member=caller, room_id=room.pk, kind="video", device=Device(uuid4()))
        if "-" in key and not answered:
            found.append(Going(key, call, people[:1], people[1:]))
            continue
        for other in others:
            join_call(member=other, call_id=call.pk, device=Device(uuid4()))
        found.append(Going(key, call, people))
    return found


def room_key(world: World, going: Going) -> str:
    return world.key_of(going.call.room_id)


def states_of(going: Going) -> dict[int, str]:
    return dict(Participant.objects.filter(call=going.call).values_list("member", "state"))


def names_in(world: World, going: Going, *states: str) -> set[str]:
    return {world.name_of(member) for member, state in states_of(going).items() if state in states}


@dataclass
class After:
    """What is left of a call: who is out of it, who is in it still, and whether it has ended."""

    out: set[str]
    staying: set[str]
    ended: bool


def after(world: World, case: Case, going: Going) -> After:
    """What product.md says of a call when a right ends."""
    expected, key = expected_of(case), room_key(world, going)
    concerned = {*going.joined, *going.ringing}
    # A deactivated member is in no call any more, with colleagues neither.
    out = concerned & (expected.out.get(key, set()) | expected.inactive)
    frozen = key in expected.frozen if "-" in key else expected.is_frozen(key)
    ended = frozen or not concerned - out or ("-" in key and bool(out))
    return After(concerned if ended else out, set() if ended else concerned - out, ended)


SCENES = [*((scene, False) for scene in RINGS), *((scene, True) for scene in (*TALKS, *GATHERINGS))]


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


def check(world: World, calls: list[Going], now: list[After]) -> None:
    """Who is in which call, by the rows and by the snapshot."""
    for going, left in zip(calls, now, strict=True):
        call = Call.objects.select_related("room").get(pk=going.call.pk)
        assert names_in(world, going, "joined", "ringing") == left.staying, going.key
        assert (call.ended_at is not None) == left.ended, going.key
        said = snapshot(call)
        assert (said["state"] == "ended") == left.ended
        live = {one["member"] for one in said["people"] if one["state"] in ("joined", "ringing")}
        assert live == {world.people[name].pk for name in left.staying}, going.key
        if left.ended and "-" in room_key(world, going) and room_key(world, going) != "kim-lee":
            # Answered or not, it was no hanging up.
            assert call.outcome in ("not_allowed", "ended", "cancelled", "no_answer")


def check_pushes(world: World, heard: Heard, calls: list[Going], now: list[After]) -> None:
    """Removed participants close all media; the others get the call without them; no one else is told."""
    gone, pushed = heard.by_member("call_gone"), heard.by_member("call")
    for going, left in zip(calls, now, strict=True):
        pk, key = going.call.pk, going.key
        told = {world.name_of(member) for member, frames in gone.items() if any(one["call"] == pk for one in frames)}
        snapshots = {
            world.name_of(member): [one["call"] for one in frames if one["call"]["id"] == pk]
            for member, frames in pushed.items()
        }
        heard_of_it = {name for name, found in snapshots.items() if found}
        assert told <= left.out, key
        ended = {name for name, found in snapshots.items() if found and found[-1]["state"] == "ended"}
        # By one of the two, everyone who was in it knows to close.
        assert left.out & set(going.joined) <= told | ended, key
        excluded = left.out - {world.name_of(pk) for pk in members_now(going)}
        assert excluded & set(going.joined) <= told, key
        if left.out:
            assert left.staying & set(going.joined) <= heard_of_it, key
        else:
            assert not told, key
        assert told | heard_of_it <= {*going.joined, *going.ringing}, key
        # Who is out of the room learns nothing of who stays in its call.
        assert not heard_of_it & excluded, key
        for name in set(going.ringing) & left.out:
            assert world.people[name].pk in heard.reloading("ringing"), key
        for name in heard_of_it & left.staying:
            shown = {one["member"] for one in snapshots[name][-1]["people"] if one["state"] in ("joined", "ringing")}
            assert shown == ids(*(world.people[other] for other in left.staying)), key
        assert all(one["reason"] in ("excluded", "not_allowed") for one in frames_about(gone, pk)), key


def members_now(going: Going) -> set[int]:
    live = Membership.objects.filter(room=going.call.room_id, ended_at=None)
    return set(live.values_list("member_id", flat=True))


def frames_about(by_member: dict[int, list[dict[str, Any]]], pk: int) -> list[dict[str, Any]]:
    return [one for frames in by_member.values() for one in frames if one["call"] == pk]


def check_signals(world: World, calls: list[Going], now: list[After]) -> None:
    """Not one more signal passes to or from those who are out, and those who stay go on talking."""
    for going, left in zip(calls, now, strict=True):
        for one in sorted({*going.joined, *going.ringing}):
            for other in sorted({*going.joined, *going.ringing} - {one}):
                passes = {one, other} <= left.staying & set(going.joined)
                assert signals(going.call, world.people[one], world.people[other]) == passes, (going.key, one, other)


def signals(call: Call, one: User, other: User) -> bool:
    """Whether a signal passes from the page of one to the page of the other."""
    pages = dict(Participant.objects.filter(call=call).values_list("member", "device"))
    try:
        relay(one.pk, frame(call, pages[one.pk] or uuid4(), other, pages[other.pk] or uuid4(), DATA[0]))
    except WorksBridgeError:
        return False
    return True


# --- Removal, leaving, and a block: what one person does to another ---


Verb = Callable[[World, Room], None]


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


@pytest.mark.parametrize(("blocker", "blocked"), [("kim", "sato"), ("sato", "kim")])
def test_i15_a_block_ends_the_call_of_two_as_if_they_had_hung_up(
    world: World, heard: Heard, blocker: str, blocked: str
) -> None:
    going = begin(world, ["kim-sato"], answered=True)[0]
    with heard.listening():
        block_external_user(member=world.people[blocker], person=world.people[blocked])
        assert names_in(world, going, "joined", "ringing") == set()
    call = Call.objects.get(pk=going.call.pk)
    # The blocked one sees what they would see of a call that was hung up: nothing tells them.
    assert call.outcome == "ended"
    assert {one["reason"] for one in heard.by_member("call_gone").get(world.people[blocked].pk, ())} <= {"over"}
    assert heard.by_member("call")[world.people[blocked].pk][-1]["call"]["outcome"] == "ended"
    check_signals(world, [going], [After({"kim", "sato"}, set(), ended=True)])
    with pytest.raises(WorksBridgeError) as refused:
        join_call(member=world.people[blocked], call_id=call.pk, device=Device(uuid4()))
    assert refused.value.code == "over"
    assert len(lines_of(call.pk)) == 1


def test_i15_a_block_silences_the_ring_and_the_caller_sees_it_go_on(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=False)[0]
    kim, sato, pk = world.people["kim"], world.people["sato"], going.call.pk
    with heard.listening():
        block_external_user(member=sato, person=kim)
    assert sato.pk in heard.reloading("ringing")
    assert kim.pk not in heard.told("call_gone")
    said = snapshot(Call.objects.select_related("room").get(pk=pk))
    assert (said["state"], {one["state"] for one in said["people"]}) == ("ringing", {"joined", "ringing"})
    for act in (join_call, lambda **given: start_call(room_id=going.call.room_id, kind="voice", **_only(given))):
        with pytest.raises(WorksBridgeError) as refused:
            act(member=sato, call_id=pk, device=Device(uuid4()))
        assert refused.value.code in ("not_found", "blocked")
    with heard.listening():
        Call.objects.filter(pk=pk).update(started_at=timezone.now() - timedelta(seconds=46))
        end_overdue()
    assert Call.objects.get(pk=pk).outcome == "no_answer"
    assert not any(sato.pk in one.get("to", ()) for one in heard.sent)
    assert lines_of(pk, sato) == []
    assert len(lines_of(pk, kim)) == 1
    assert not Notification.objects.filter(recipient=sato, kind="call.missed").exists()


def _only(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("member", "device")}


def test_i15_who_blocks_the_one_they_ring_rings_no_more(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=False)[0]
    with heard.listening():
        block_external_user(member=world.people["kim"], person=world.people["sato"])
    assert Call.objects.get(pk=going.call.pk).outcome == "cancelled"
    assert world.people["sato"].pk in heard.reloading("ringing")
    assert Notification.objects.filter(recipient=world.people["sato"], kind="call.missed").count() == 1


@pytest.mark.parametrize("key", [key for key in GROUPS if {"alpha", "beta"} <= set(key.split("+"))])
def test_i15_in_a_group_call_a_block_puts_nobody_out(world: World, heard: Heard, key: str) -> None:
    going = begin(world, [key], answered=True)[0]
    with heard.listening():
        block_external_user(member=world.people["sato"], person=world.people["kim"])
    assert names_in(world, going, "joined") == set(going.joined)
    assert not heard.told("call_gone")


def test_i13_allowed_again_no_call_revives(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=True)[0]
    for allows in (False, True):
        set_external_connection(company=world.companies["beta"], allows=allows, actor=None)
    assert names_in(world, going, "joined", "ringing") == set()
    assert Call.objects.get(pk=going.call.pk).ended_at is not None
    with pytest.raises(WorksBridgeError) as refused:
        start_call(member=world.people["kim"], room_id=going.call.room_id, kind="voice", device=Device(uuid4()))
    assert refused.value.code == "frozen"


# --- The database's own guards, against SQL by hand ---

INSERT = """
INSERT INTO calls_participant
    (call_id, member_id, state, withheld, device, feed, joined_at, seen_at, mic, camera, screen)
VALUES (%(call)s, %(member)s, %(state)s, false, %(device)s, 1, %(joined)s, %(joined)s, true, false, false)
"""
INSERT_CALL = """
INSERT INTO calls_call (room_id, kind, mode, started_by_id, rev, started_at, outcome)
VALUES (%(room)s, 'voice', 'mesh', %(member)s, 1, now(), '') RETURNING id
"""


def insert(call: int, member: User, state: str) -> None:
    """Plain SQL, with the checks of the database at commit."""
    joined = timezone.now() if state == "joined" else None
    device = uuid4() if state == "joined" else None
    values = {"call": call, "member": member.pk, "state": state, "device": device, "joined": joined}
    by_hand(INSERT, values)


def by_hand(sql: str, values: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall() if cursor.description else []
    check_constraints()
    return found


@dataclass
class Guarded:
    """Rooms with calls that someone tries to join by SQL."""

    cast: Cast
    direct: Room
    group: Room
    call: Call
    gathering: Call


@pytest.fixture
def guarded(cast: Cast) -> Guarded:
    direct = open_direct_room(member=cast.kim, other=cast.sato)
    group = create_group_room(creator=cast.lee, members=[cast.kim, cast.sato, cast.ito], name="Room")
    call = start_call(member=cast.kim, room_id=direct.pk, kind="voice", device=Device(uuid4()))
    gathering = start_call(member=cast.lee, room_id=group.pk, kind="voice", device=Device(uuid4()))
    return Guarded(cast, direct, group, call, gathering)


@pytest.mark.parametrize("state", ["joined", "ringing"])
def test_i09_sql_by_hand_puts_no_stranger_into_a_call(guarded: Guarded, state: str) -> None:
    cast = guarded.cast
    # The statement itself is right: it lets a member of the room in.
    insert(guarded.gathering.pk, cast.ito, state)
    for call, stranger in (
        (guarded.call, cast.lee),
        (guarded.call, cast.tran),
        (guarded.call, cast.operator),
        (guarded.gathering, cast.tran),
        (guarded.gathering, cast.admin_alpha),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            insert(call.pk, stranger, state)
    leave_room(member=cast.sato, room_id=guarded.group.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(guarded.gathering.pk, cast.sato, state)


def test_i09_sql_by_hand_moves_no_participant_to_somebody_else(guarded: Guarded) -> None:
    row = Participant.objects.get(call=guarded.gathering, member=guarded.cast.lee)
    for change in ("member_id = %(tran)s", "call_id = %(other)s"):
        values = {"tran": guarded.cast.tran.pk, "other": guarded.call.pk, "pk": row.pk}
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(f"UPDATE calls_participant SET {change} WHERE id = %(pk)s", values)


@pytest.mark.parametrize("state", ["joined", "ringing"])
@pytest.mark.parametrize("how", ["frozen", "closed"])
def test_i09_sql_by_hand_makes_no_call_across_a_closed_link(guarded: Guarded, how: str, state: str) -> None:
    cast, direct = guarded.cast, guarded.direct
    if how == "frozen":
        Call.objects.filter(pk=guarded.call.pk).update(ended_at=timezone.now(), outcome="ended")
        Participant.objects.filter(call=guarded.call).update(state="left")
        Room.objects.filter(pk=direct.pk).update(frozen_at=timezone.now())
        check_constraints()
    else:
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    with pytest.raises(DatabaseError), transaction.atomic():
        made = by_hand(INSERT_CALL, {"room": direct.pk, "member": cast.kim.pk})
        insert(made[0][0], cast.kim, "joined")
        insert(made[0][0], cast.sato, state)
    # Nor is an old one opened again, or somebody put back into it.
    for sql in (
        "UPDATE calls_call SET ended_at = NULL, outcome = '' WHERE id = %(call)s",
        "UPDATE calls_participant SET state = 'ringing' WHERE call_id = %(call)s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(sql, {"call": guarded.call.pk})
    if how == "closed":
        for person in (cast.sato, cast.ito):
            with pytest.raises(DatabaseError), transaction.atomic():
                insert(guarded.gathering.pk, person, state)


def test_i34_the_database_knows_one_live_call_for_each_room(guarded: Guarded) -> None:
    for room in (guarded.direct, guarded.group):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(INSERT_CALL, {"room": room.pk, "member": guarded.cast.sato.pk})
    other = open_direct_room(member=guarded.cast.lee, other=guarded.cast.ito)
    assert by_hand(INSERT_CALL, {"room": other.pk, "member": guarded.cast.ito.pk})


def test_the_database_knows_a_member_in_one_call_only(guarded: Guarded) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(guarded.gathering.pk, guarded.cast.kim, "joined")
    insert(guarded.gathering.pk, guarded.cast.kim, "ringing")


LEE = "WHERE room_id = %(group)s AND member_id = %(lee)s"
ENDINGS = {
    "membership ends": f"UPDATE messaging_membership SET ended_at = now() {LEE}",
    "membership goes": f"DELETE FROM messaging_membership {LEE}",
    "direct membership ends": "UPDATE messaging_membership SET ended_at = now() WHERE room_id = %(direct)s",
    "direct room freezes": "UPDATE messaging_room SET frozen_at = now() WHERE id = %(direct)s",
    "group room freezes": "UPDATE messaging_room SET frozen_at = now() WHERE id = %(group)s",
    "company closes": "UPDATE federation_link SET b_allows = false",
    "link goes": "DELETE FROM federation_link",
    "grant ends": "UPDATE federation_availability SET ended_at = now() WHERE member_id = %(sato)s",
    "call ends with people in it": "UPDATE calls_call SET ended_at = now(), outcome = 'ended' WHERE id = %(call)s",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_i09_sql_by_hand_ends_no_right_while_a_call_lives_on_it(guarded: Guarded, ending: str) -> None:
    cast = guarded.cast
    # A second Master, so that it is the call which stands in the way.
    Membership.objects.filter(room=guarded.group, member=cast.kim).update(role="master")
    check_constraints()
    values = {"direct": guarded.direct.pk, "group": guarded.group.pk, "lee": cast.lee.pk, "sato": cast.sato.pk}
    values |= {"call": guarded.call.pk}
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        by_hand(ENDINGS[ending], values)
    assert refused.value.__cause__.sqlstate in ("WB001", "WB003"), refused.value
    if ending.endswith(("ends", "goes", "freezes")) and ending not in ("link goes", "grant ends"):
        # Without the calls the same is let through, so it was the call's own guard that spoke.
        for call in (guarded.call, guarded.gathering):
            Participant.objects.filter(call=call).update(state="left", device=None)
            Call.objects.filter(pk=call.pk).update(ended_at=timezone.now(), outcome="ended")
        with transaction.atomic():
            by_hand(ENDINGS[ending], values)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE calls_participant SET device = NULL WHERE state = 'joined'",
        "UPDATE calls_participant SET withheld = true WHERE state = 'joined'",
        "UPDATE calls_call SET outcome = 'ended'",
        "UPDATE calls_call SET answered_at = started_at - interval '1 second'",
        "UPDATE calls_call SET room_id = room_id + 1",
    ],
)
def test_the_database_refuses_what_makes_no_sense(guarded: Guarded, sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        by_hand(sql)


# --- Signals leave no trace ---

SECRET = "candidate:842163049 1 udp 1677729535 203.0.113.77 61803 typ srflx raddr 192.168.44.55 rport 61803"
DATA = [
    {"description": {"type": "offer", "sdp": f"v=0\r\no=- 20518 0 IN IP4 203.0.113.77\r\na={SECRET}\r\n"}},
    {"description": {"type": "answer", "sdp": f"v=0\r\na={SECRET}\r\n"}},
    {"candidates": [{"candidate": SECRET, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "uVwXyZ"}]},
]


def test_i37_nothing_of_a_signal_is_stored(guarded: Guarded, heard: Heard) -> None:
    cast, call = guarded.cast, guarded.call
    join_call(member=cast.sato, call_id=call.pk, device=Device(uuid4()))
    pages = dict(Participant.objects.filter(call=call).values_list("member", "device"))
    one, other = pages[cast.kim.pk], pages[cast.sato.pk]
    tables = [name for name in connection.introspection.table_names() if name != "django_migrations"]
    before = texts_in(tables)
    with heard.listening():
        for data in DATA:
            relay(cast.kim.pk, frame(call, one, cast.sato, other, data))
            relay(cast.sato.pk, frame(call, other, cast.kim, one, data))
    sent = heard.by_member("signal")
    assert [found["data"] for found in sent[cast.sato.pk]] == DATA == [found["data"] for found in sent[cast.kim.pk]]
    assert set(sent) == ids(cast.kim, cast.sato)
    first = sent[cast.sato.pk][0]
    assert (first["call"], first["from"], first["device"]) == (call.pk, cast.kim.pk, str(one))
    assert first["to_device"] == str(other)
    assert texts_in(tables) == before
    # After the call neither: its line, its rows and the audit log say that it was, not where anybody was.
    leave_call(member=cast.kim, call_id=call.pk, device=one)
    found = texts_in(tables)
    assert {"calls_call", "calls_participant", "accounts_auditentry", "messaging_message"} <= set(tables)
    for trace in ("203.0.113.77", "192.168.44.55", "uVwXyZ", "61803", "v=0", "20518 0 IN"):
        assert trace not in found
    assert AuditEntry.objects.exists()
    assert Message.objects.filter(room=guarded.direct).exists()


def frame(call: Call, device: UUID | None, to: User, to_device: UUID | None, data: object) -> dict[str, Any]:
    page = {"type": "signal", "call": call.pk, "device": str(device), "to": to.pk}
    return json.loads(json.dumps(page | {"to_device": str(to_device), "data": data}))


def test_i37_nothing_passes_before_the_other_one_has_joined(guarded: Guarded, heard: Heard) -> None:
    cast, call = guarded.cast, guarded.call
    mine = Participant.objects.get(call=call, member=cast.kim).device
    with heard.listening():
        for data in DATA:
            for to_device in (uuid4(), mine):
                with pytest.raises(WorksBridgeError) as refused:
                    relay(cast.kim.pk, frame(call, mine, cast.sato, to_device, data))
                assert refused.value.code == "not_found"
                with pytest.raises(WorksBridgeError):
                    relay(cast.sato.pk, frame(call, to_device, cast.kim, mine, data))
    assert heard.sent == []


def test_i33_a_deactivated_colleague_is_out_of_an_internal_call(world: World, heard: Heard) -> None:
    calls = begin(world, ["kim-lee"], answered=True)
    with heard.listening():
        deactivate_member(member=User.objects.get(pk=world.people["lee"].pk), actor=None)
    check(world, calls, [After({"kim", "lee"}, set(), ended=True)])
    assert world.people["kim"].pk in heard.told("call")
    assert not signals(calls[0].call, world.people["lee"], world.people["kim"])
    with pytest.raises(WorksBridgeError):
        _status(world.people["lee"].pk, {"call": calls[0].call.pk, "device": str(uuid4()), "mic": True} | OFF)


OFF = {"camera": False, "screen": False}
