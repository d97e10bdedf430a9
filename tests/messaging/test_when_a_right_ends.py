"""The table "When a right ends": every kind of room, every cause, either side, and all consequences."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.actions.members import deactivate_member
from accounts.models import User
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.switch import set_external_connection
from federation.models import Availability, Link
from messaging.access import messages_in
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, withdraw_from_room
from messaging.actions.masters import make_master
from messaging.actions.read import mark_read
from messaging.actions.send import Draft, send_messages
from messaging.frames import _heads, _presence, _read, _typing
from messaging.models import Membership, Message, Room
from messaging.pages.conversation import view_room
from messaging.pages.room_list import Filter, list_mark, room_rows
from messaging.pages.rooms_with import rooms_with_exactly
from messaging.readers import readers_told
from messaging.urls import urlpatterns
from tests.cast import signed_in
from tests.constraints import check_constraints
from tests.decisions import decide
from tests.depth import SOAK, in_turn
from tests.messaging.rights import (
    CASES,
    COMPANY_OF,
    GROUPS,
    ONE_OF_EACH,
    PAIRS,
    STAFF,
    Case,
    Expected,
    World,
    carry_out,
    expected_of,
    guest_master,
    host_of,
    inside,
    kept_world,
    prepare,
    say,
    unread,
)
from tests.words import words_of
from worksbridge.errors import NotFound, Refused

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[Any]]
MISSING = 987_654_321

PARTS = [pattern for pattern in urlpatterns if "pk" in pattern.pattern.converters]
# Enough for every form of a room to be valid.
FORM = {"seq": "1", "after": "0", "body": "let me in", "name": "Mine", "newcomers": "all", "pinned": "1", "do": "ok"}


@pytest.fixture
def world(db: None) -> World:
    return kept_world()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What goes out to the hubs of all processes."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("worksbridge.live.push.publish", sent.append)
    return sent


def revisions(world: World) -> dict[str, int]:
    return {key: room.rev for key, room in world.fresh_rooms().items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_right_people_are_out_and_everything_follows(
    world: World, published: list[dict[str, Any]], django_capture_on_commit_callbacks: Capture, case: Case
) -> None:
    prepare(world, case)
    expected = expected_of(case)
    check_rooms(world, expected_of(Case("nothing", case.closer)), revisions(world))
    before, marks = revisions(world), list_marks(world)
    published.clear()
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(world, case)
        # All of it is there before the commit, and nobody has heard of it.
        check_rooms(world, expected, before)
        assert published == []
    check_list_marks(world, expected, marks)
    check_constraints()
    check_pushes(world, expected, before, published)
    look_everywhere(world, expected, case)


def look_everywhere(world: World, expected: Expected, case: Case) -> None:
    """Everything for one case of each cause, for the others some of it in turn; all the doors for one of them."""
    whole = SOAK or case in ONE_OF_EACH
    turn = CASES.index(case)
    doors = DOORS if case is ONE_OF_EACH[0] else in_turn(DOORS, turn, of=8)
    looks = (
        lambda: check_what_each_sees(world, expected),
        lambda: check_the_excluded(world, expected),
        lambda: check_direct_rooms(world, expected),
        lambda: check_the_excluded_at_the_doors(world, expected, doors),
        lambda: check_the_rooms_go_on(world, expected),
    )
    for look in looks if whole else (looks[turn % 5], looks[(turn + 2) % 5]):
        look()


def check_rooms(world: World, expected: Expected, before: dict[str, int]) -> None:
    """Who is in, who is Master, external or frozen, what each room says about it, revisions without a gap."""
    memberships, messages = rows_by_room(Membership), rows_by_room(Message)
    for key, room in world.fresh_rooms().items():
        rows = [row for row in memberships[room.pk] if row.ended_at is None]
        ended = [row for row in memberships[room.pk] if row.ended_at is not None]
        assert {world.name_of(row.member_id) for row in rows} == set(expected.staying(key)), key
        assert (room.is_external, room.frozen_at is not None) == (
            expected.is_external(key),
            expected.is_frozen(key),
        ), key
        assert bool(room.frozen_reason) == expected.is_frozen(key)
        if "-" not in key:
            masters = {world.name_of(row.member_id) for row in rows if row.role == "master"}
            shared = guest_master(key) & set(expected.staying(key))
            assert masters == {name for name in (expected.master(key), *shared) if name}, key
        assert {world.name_of(row.member_id) for row in ended} == expected.out.get(key, set()), key
        assert all(row.ended_reason for row in ended)
        said = messages[room.pk]
        assert [message.seq for message in said] == list(range(1, room.rev + 1)), key
        check_lines(world, expected, key, said, before[key])


def rows_by_room(model: type[Membership] | type[Message]) -> dict[int, list[Any]]:
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in model.objects.order_by("seq" if model is Message else "pk"):
        rows[row.room_id].append(row)
    return rows


def check_lines(world: World, expected: Expected, key: str, said: list[Message], before: int) -> None:
    """One line for each company with its people's names, and no other line."""
    fresh = [message for message in said if message.seq > before]
    assert {message.kind for message in fresh} <= {"line"}
    named = [sorted(world.name_of(int(pk)) for pk in row.data["people"]) for row in fresh]
    assert sorted(named) == sorted(sorted(names) for names in expected.lines(key)), key
    for message in fresh:
        assert all(world.people[name].name in words_of(message) for name in named[message.seq - before - 1])


def frames_of(published: list[dict[str, Any]], kind: str) -> Iterator[tuple[set[int], dict[str, Any]]]:
    for message in published:
        frame = json.loads(message.get("frame", "{}"))
        if frame.get("type") == kind:
            yield set(message["to"]), frame


def ids(world: World, names: set[str] | list[str]) -> set[int]:
    return {world.people[name].pk for name in names}


def check_pushes(world: World, expected: Expected, before: dict[str, int], published: list[dict[str, Any]]) -> None:
    """`gone` to exactly those who are out, the room's news to exactly those who stay, of changed rooms only."""
    gone: defaultdict[int, set[int]] = defaultdict(set)
    for to, frame in frames_of(published, "gone"):
        gone[frame["room"]] |= to
    assert gone == {world.rooms[key].pk: ids(world, names) for key, names in expected.out.items() if names}
    news = list(frames_of(published, "room"))
    changed = {key for key in world.rooms if expected.lines(key)}
    assert sorted(frame["room"] for _to, frame in news) == sorted(
        world.rooms[key].pk for key in changed if expected.staying(key)
    )
    rooms = world.fresh_rooms()
    for to, frame in news:
        key = world.key_of(frame["room"])
        assert to == ids(world, expected.staying(key)), key
        assert frame["refresh"] is True
        assert (frame["after"], frame["rev"]) == (before[key], rooms[key].rev)
        assert [item["seq"] for item in frame["items"]] == list(range(frame["after"] + 1, frame["rev"] + 1))


def check_what_each_sees(world: World, expected: Expected) -> None:
    """List, search, unread counts, messages and heads hold exactly the rooms a member is in, for everyone."""
    rooms = world.fresh_rooms()
    for name, person in world.people.items():
        mine = {key for key in rooms if name in expected.staying(key)}
        rows = {world.key_of(row.id): row for row in room_rows(person)}
        assert {key: row.unread for key, row in rows.items()} == {key: unread(world, key, name) for key in mine}, name
        external = {key for key in mine if expected.is_external(key)}
        assert {key for key, row in rows.items() if row.is_external} == external, name
        heads = _heads(person.pk, [room.pk for room in rooms.values()])
        assert {world.key_of(int(pk)): rev for pk, rev in heads["heads"].items()} == {k: rooms[k].rev for k in mine}
        assert heads["list"] == list_mark(person.pk)
        seen = Message.objects.visible_to(person.pk).values_list("room", flat=True).distinct().order_by()
        assert {world.key_of(pk) for pk in seen} == mine
        assert found(world, person, "Room of") == {key for key in mine if "-" not in key}


def found(world: World, person: User, query: str) -> set[str]:
    """The rooms that a search finds."""
    return {world.key_of(row.id) for row in room_rows(person, query=query)}


def list_marks(world: World) -> dict[str, int]:
    return {name: list_mark(person.pk) for name, person in world.people.items()}


def check_list_marks(world: World, expected: Expected, before: dict[str, int]) -> None:
    """A page finds out that its list is old exactly when a room in it has changed."""
    after = list_marks(world)
    changed = {name for key in world.rooms if expected.lines(key) for name in inside(key)}
    assert {name for name in after if after[name] != before[name]} == changed


def check_the_excluded(world: World, expected: Expected) -> None:
    """By none of the ways inside is anything of their rooms left for the excluded."""
    names = set().union(*expected.out.values())
    for name in names:
        person, out = world.people[name], {key for key, gone in expected.out.items() if name in gone}
        companions = {other for key in out for other in inside(key)} - {name}
        for wanted in (Filter.UNREAD, Filter.EXTERNAL):
            assert not out & {world.key_of(row.id) for row in room_rows(person, wanted=wanted)}
        for other in sorted(companions)[::3]:
            assert not out & found(world, person, world.people[other].name)
        for key in out:
            check_out(world, key, name, expected)
    other = min(names)
    gone = {key for key, out in expected.out.items() if other in out}
    for name in sorted(set().union(*map(expected.staying, gone)) - names)[::3]:
        assert not gone & found(world, world.people[name], world.people[other].name)


def check_out(world: World, key: str, name: str, expected: Expected) -> None:
    person, room = world.people[name], world.rooms[key]
    others = [world.people[other] for other in inside(key) if other != name]
    assert not messages_in(person, room).exists()
    assert not rooms_with_exactly(person, [world.people[other] for other in expected.staying(key)])
    for act in (
        lambda: _read(person.pk, room.pk, 1),
        lambda: _typing(person.pk, room.pk),
        lambda: _presence(person.pk, room.pk, [other.pk for other in others]),
    ):
        with pytest.raises(NotFound):
            act()
    for other in expected.staying(key)[:1]:
        assert person.pk not in readers_told(room.pk, world.people[other].pk)


def check_direct_rooms(world: World, expected: Expected) -> None:
    """A frozen one is kept for both, to be read and found, not written to."""
    drafts, keys = [], [key for key in PAIRS if key in expected.frozen]
    for key in keys:
        for name, other in (key.split("-"), key.split("-")[::-1]):
            person, room = world.people[name], world.fresh(key)
            texts = [message.author_id for message in messages_in(person, room) if message.kind == "text"]
            assert len(texts) == len([author for author in world.said[key] if (name, author) != ("abe", "kim")])
            assert room.pk in {row.id for row in room_rows(person, query=world.people[other].name) if row.is_frozen}
            view = view_room(person, room)
            assert view.is_frozen
            assert view.frozen_reason_text
            drafts.append(Draft(room.pk, person.pk, uuid4(), "after the end"))
    for outcome in send_messages(drafts) if drafts else ():
        assert isinstance(outcome, Refused), outcome
    assert not Message.objects.filter(body="after the end").exists()


Answer = tuple[int, str, str, str]


def answer_of(response: HttpResponseBase, path: str) -> Answer:
    """Status, where it leads, what it allows, and the page, without what differs by nature."""
    body = b"".join(response) if response.streaming else response.content
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"', "", body.decode(errors="replace"))
    where, allow = response.headers.get("Location", ""), response.headers.get("Allow", "")
    return response.status_code, where.replace(path, "…"), allow, text.replace(path, "…")


@dataclass
class Door:
    """One address of a room, asked in one way."""

    name: str
    method: str
    has_member: bool

    def path(self, room_id: int, member_id: int) -> str:
        values = {"pk": room_id} | ({"member": member_id} if self.has_member else {})
        return reverse(f"messaging:{self.name}", kwargs=values)

    def answer(self, client: Client, room_id: int, member_id: int) -> Answer:
        path = self.path(room_id, member_id)
        return answer_of(getattr(client, self.method)(path, FORM | {"people": member_id}), path)


DOORS = [
    Door(str(pattern.name), method, "member" in pattern.pattern.converters)
    for pattern in PARTS
    for method in ("get", "post")
]


def check_the_excluded_at_the_doors(world: World, expected: Expected, doors: list[Door]) -> None:
    """One excluded member of each company at a room's own addresses, one of them at all the addresses in `doors`."""
    out = [(key, name) for key, names in expected.out.items() for name in sorted(names) if expected.staying(key)]
    # Another one in each case, so that all kinds of rooms and people have their turn.
    chosen = out[len(str(expected)) % len(out)]
    for key, name in {*{COMPANY_OF[name]: (key, name) for key, name in out}.values(), chosen}:
        client, room = signed_in(world.people[name]), world.rooms[key]
        status = 302 if name in expected.inactive else 404
        for part in ("room", "timeline", "changes"):
            assert client.get(reverse(f"messaging:{part}", args=[room.pk]), FORM).status_code == status
        if (key, name) == chosen:
            check_doors(client, room, world.people[expected.staying(key)[0]], status, doors)


def check_doors(client: Client, room: Room, staying: User, status: int, doors: list[Door]) -> None:
    """Every address answers as it answers for a room that does not exist, and nothing happens."""
    before = everything()
    closed = set()
    for door in doors:
        seen = door.answer(client, room.pk, staying.pk)
        assert seen == door.answer(client, MISSING, staying.pk), door
        assert seen[0] in (status, 405), door
        if seen[0] == status:
            closed.add(door.name)
    if doors == DOORS:
        assert closed == {door.name for door in DOORS}
    assert everything() == before


def check_the_rooms_go_on(world: World, expected: Expected) -> None:
    """Remaining members can write where a host is left, and only they receive it."""
    active = {key: [name for name in expected.staying(key) if name not in expected.inactive] for key in GROUPS}
    frozen = [key for key in GROUPS if active[key] and expected.is_frozen(key)]
    drafts = [Draft(world.rooms[key].pk, world.people[active[key][0]].pk, uuid4(), "too late") for key in frozen]
    for outcome in send_messages(drafts) if drafts else ():
        assert isinstance(outcome, Refused)
    going_on = [key for key in GROUPS if active[key] and not expected.is_frozen(key)]
    for key in going_on:
        # The lines about who is out are read too, and are not counted as messages.
        mark_read(member_id=world.people[active[key][0]].pk, room_id=world.rooms[key].pk, seq=MISSING)
        world.read[key, active[key][0]] = len(world.said[key])
    marks = list_marks(world)
    say(world, {key: [active[key][-1]] for key in going_on})
    heard = {name for key in going_on for name in expected.staying(key)}
    assert {name for name, mark in list_marks(world).items() if mark != marks[name]} == heard
    for name, person in world.people.items():
        waiting = {world.key_of(row.id): row.unread for row in room_rows(person)}
        assert waiting == {key: unread(world, key, name) for key in world.rooms if name in expected.staying(key)}


WITHDRAWN = [
    ("alpha+beta+gamma", ("kim",)),
    ("alpha+beta+gamma", ("kim", "han")),
    ("alpha+beta+gamma", ("lee",)),
    ("alpha+beta+gamma", ("kim", "han", "lee")),
    ("alpha+beta+gamma", ("sato",)),
    ("alpha+beta+gamma", ("tran", "bao")),
    ("alpha+beta", ("sato", "abe")),
    ("delta+alpha+beta+gamma", ("abe",)),
    ("alpha", ("kim",)),
    ("alpha", ("kim", "han", "lee")),
]


@pytest.mark.parametrize(
    ("key", "names"),
    in_turn(WITHDRAWN, 1, of=2),
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_an_administrators_removal(
    world: World,
    published: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Capture,
    key: str,
    names: tuple[str, ...],
) -> None:
    room = world.rooms[key]
    for number, name in enumerate(names):
        before = revisions(world)
        published.clear()
        membership = Membership.objects.get(room=room, member=world.people[name])
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_from_room(administrator=administrator(world, name), membership=membership)
        check_constraints()
        gone = [(to, frame["room"]) for to, frame in frames_of(published, "gone")]
        assert gone == [({world.people[name].pk}, room.pk)]
        told = [(to, frame["room"], frame["refresh"]) for to, frame in frames_of(published, "room")]
        staying = Expected({key: set(names[: number + 1])}, set()).staying(key)
        assert told == ([(ids(world, staying), room.pk, True)] if staying else [])
        assert {other: world.fresh(other).rev for other in world.rooms if other != key} == {
            other: rev for other, rev in before.items() if other != key
        }
    expected = Expected({key: set(names)}, set())
    assert Membership.objects.filter(room=room, ended_at__isnull=False, ended_reason="administrator").count() == len(
        names
    )
    check_members(world, expected, key)
    check_what_each_sees(world, expected)
    if expected.staying(key):
        check_the_excluded_at_the_doors(world, expected, DOORS[number::3])
        check_the_rooms_go_on(world, expected)


def administrator(world: World, name: str) -> User:
    """The administrator of a member's company."""
    return User.objects.get(company=world.companies[COMPANY_OF[name]], is_administrator=True)


def check_members(world: World, expected: Expected, key: str) -> None:
    """Who is in, who is Master, whether the room is external or frozen, and revisions without a gap."""
    room = world.fresh(key)
    rows = list(Membership.objects.filter(room=room, ended_at=None))
    assert {world.name_of(row.member_id) for row in rows} == set(expected.staying(key))
    masters = {world.name_of(row.member_id) for row in rows if row.role == "master"}
    assert masters == {expected.master(key), *(guest_master(key) & set(expected.staying(key)))} - {""}
    assert (room.is_external, room.frozen_at is not None) == (
        expected.is_external(key),
        bool(expected.staying(key)) and expected.is_frozen(key),
    )
    seqs = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, room.rev + 1))


def test_an_administrator_removes_their_own_people_from_group_rooms_only(world: World) -> None:
    before = everything()
    room, direct = world.rooms["alpha+beta+gamma"], world.rooms["kim-sato"]
    kim, sato = (Membership.objects.get(room=room, member=world.people[name]) for name in ("kim", "sato"))
    for membership, other in ((kim, "sato"), (sato, "kim"), (sato, "tran")):
        with pytest.raises(NotFound):
            withdraw_from_room(administrator=administrator(world, other), membership=membership)
    for name in ("kim", "sato"):
        mine = Membership.objects.get(room=direct, member=world.people[name])
        withdraw_from_room(administrator=administrator(world, name), membership=mine)
    assert everything() == before
    withdraw_from_room(administrator=administrator(world, "sato"), membership=sato)
    once = everything()
    assert once != before
    withdraw_from_room(administrator=administrator(world, "sato"), membership=sato)
    assert everything() == once


def everything() -> dict[str, list[Any]]:
    """All rows that consent and rooms are made of."""
    models = (Room, Membership, Message, ExternalContact, Link, Availability)
    found = {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}
    return found | {"User": list(User.objects.order_by("pk").values_list("pk", "is_active", "department"))}


class LastWriteError(Exception):
    """The last thing that an action writes could not be written."""


@dataclass
class Writes:
    """Counts what is written to the database, and fails at the write with the number `fails_at`."""

    fails_at: int = 0
    count: int = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.count += 1
            if self.count == self.fails_at:
                raise LastWriteError
        return execute(sql, params, many, context)


@pytest.mark.parametrize("case", [*ONE_OF_EACH, Case("administrator", "beta", members=("sato",))], ids=str)
def test_i09_what_fails_at_its_end_has_not_begun(world: World, case: Case) -> None:
    prepare(world, case)
    before = everything()

    def act() -> None:
        if case.cause != "administrator":
            return carry_out(world, case)
        row = Membership.objects.get(room=world.rooms["alpha+beta"], member=world.people["sato"])
        return withdraw_from_room(administrator=administrator(world, "sato"), membership=row)

    with connection.execute_wrapper(writes := Writes()), transaction.atomic():
        act()
        assert everything() != before
        transaction.set_rollback(True)
    assert everything() == before
    for fails_at in (writes.count, writes.count // 2):
        with pytest.raises(LastWriteError), connection.execute_wrapper(Writes(fails_at)):
            act()
        assert everything() == before, fails_at


@pytest.mark.parametrize("case", [Case("off", "alpha"), Case("denied", "beta", "gamma")], ids=str)
def test_i13_allowed_again_nothing_revives_and_who_is_added_again_starts_anew(world: World, case: Case) -> None:
    carry_out(world, case)
    expected = expected_of(case)
    company = world.companies[case.closer]
    before = everything()
    if case.cause == "off":
        set_external_connection(company=company, allows=True, actor=None)
    else:
        decide(company=company, partner=world.companies[case.partner], decision="policy", actor=None)
    after = everything()
    assert after["Link"] != before["Link"]
    assert [after[name] for name in ("Room", "Membership", "Message")] == [
        before[name] for name in ("Room", "Membership", "Message")
    ]
    key = next(key for key in GROUPS if expected.out.get(key))
    back = max(expected.out[key])
    master = world.people[expected.master(key)]
    if COMPANY_OF[back] != host_of(key):
        add_external_contact(member=master, person=world.people[back])
    add_members(master=master, room_id=world.rooms[key].pk, people=[world.people[back]], opens=True)
    assert [message.kind for message in messages_in(world.people[back], world.fresh(key))] == ["line"]
    assert world.fresh(key).is_external


def test_who_came_back_is_not_the_longest_standing(world: World) -> None:
    key = "alpha+beta+gamma"
    room, kim, han = world.rooms[key], world.people["kim"], world.people["han"]
    leave_room(member=han, room_id=room.pk)
    add_members(master=kim, room_id=room.pk, people=[han])
    deactivate_member(member=kim, actor=None)
    masters = Membership.objects.filter(room=room, ended_at=None, role="master", member__company=kim.company)
    assert [world.name_of(row.member_id) for row in masters] == ["lee"]


def test_one_right_after_the_other_ends(world: World) -> None:
    """A guest, then the other guest, then the hosting company's people: the room goes on as long as it can."""
    key = "alpha+beta+gamma"
    steps = [
        (Case("denied", "beta", "gamma"), ["kim", "han", "lee", "tran", "bao"], True, False),
        (Case("deactivated", "alpha", members=("kim",)), ["han", "lee", "tran", "bao"], True, False),
        (Case("off", "alpha"), ["han", "lee"], False, False),
    ]
    for case, staying, external, frozen in steps:
        carry_out(world, case)
        check_constraints()
        room = world.fresh(key)
        live = Membership.objects.filter(room=room, ended_at=None)
        assert {world.name_of(row.member_id) for row in live} == set(staying), case
        assert (room.is_external, room.frozen_at is not None) == (external, frozen), case
        masters = [world.name_of(row.member_id) for row in live if row.role == "master"]
        assert masters == staying[:1], case
    other = "beta+gamma+alpha"
    carry_out(world, Case("nobody chosen", "beta"))
    check_constraints()
    # gamma went with the link, alpha with its own switch: the room is internal, and the grant does not matter to it.
    live = Membership.objects.filter(room=world.rooms[other], ended_at=None)
    assert {world.name_of(row.member_id) for row in live} == set(STAFF["beta"])
    assert (world.fresh(other).frozen_at, world.fresh(other).is_external) == (None, False)


@pytest.mark.parametrize(
    "case", [Case("denied", "alpha", "beta"), Case("off", "beta"), Case("member", "alpha", members=("kim",))], ids=str
)
def test_i05_nobody_is_shown_online_in_a_frozen_room(
    world: World, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Presence does not cross a connection that has ended; nor does typing."""
    monkeypatch.setattr("messaging.frames.online", set)
    room, kim, sato = world.rooms["kim-sato"], world.people["kim"], world.people["sato"]
    both = [kim.pk, sato.pk]
    assert set(_presence(kim.pk, room.pk, both)["online"]) >= {sato.pk}
    prepare(world, case)
    carry_out(world, case)
    published.clear()
    for person, other in ((kim, sato), (sato, kim)):
        _typing(person.pk, room.pk)
        assert other.pk not in _presence(person.pk, room.pk, both)["online"]
    assert published == []


def test_i23_a_deactivated_master_beside_another_one_moves_the_rooms_revision(world: World) -> None:
    """They need no follow-up, but pages that show who is Master have to find out."""
    room, kim, han = world.rooms["alpha"], world.people["kim"], world.people["han"]
    make_master(master=kim, room_id=room.pk, member_id=han.pk)
    before = world.fresh("alpha").rev
    deactivate_member(member=kim, actor=None)
    masters = Membership.objects.filter(room=room, ended_at=None, role="master")
    assert [row.member_id for row in masters] == [han.pk]
    assert world.fresh("alpha").rev > before
