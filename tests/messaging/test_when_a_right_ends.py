"""The table "When a right ends": every kind of room, every cause, whoever closes, and all that follows from it."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.actions.members import change_department, deactivate_member
from accounts.models import Company, Department, User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from contacts.models import ExternalContact
from federation.actions.partners import decide, set_partner_rule
from federation.actions.switch import (
    grant_members,
    set_external_connection,
    set_member_grant,
    withdraw_members,
)
from federation.models import Availability, Link
from messaging.access import messages_in, visible_messages
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, withdraw_from_room
from messaging.actions.masters import make_master
from messaging.actions.read import mark_read, readers_told
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.conversation import view_room
from messaging.finding import rooms_with_exactly
from messaging.frames import _heads, _presence, _read, _typing
from messaging.listing import Filter, list_mark, room_rows
from messaging.models import Membership, Message, Room
from messaging.urls import urlpatterns
from tests.cast import Cast, make_company, make_member, signed_in
from worksbridge.errors import NotFound, Refused

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[Any]]
MISSING = 987_654_321

# Each company's people, the longest-standing first. Their ids are in another order.
STAFF = {
    "alpha": ("kim", "han", "lee"),
    "beta": ("sato", "abe", "ito"),
    "gamma": ("tran", "bao", "linh"),
    "delta": ("dora", "dirk", "dana"),
}
COMPANY_OF = {name: company for company, names in STAFF.items() for name in names}
CLOSERS = ("alpha", "beta", "gamma")
# The hosting company first, then the guests. Alone: an internal room.
GROUPS = (
    "alpha+beta+gamma",
    "beta+gamma+alpha",
    "gamma+alpha+beta",
    "delta+alpha+beta+gamma",
    "alpha+beta",
    "beta+gamma",
    "gamma+alpha",
    "alpha",
    "beta",
    "gamma",
)
PAIRS = ("kim-sato", "kim-tran", "sato-tran", "han-abe", "kim-dora", "sato-dora", "tran-dora", "kim-lee")
# Who of a room is put out when a link closes, by where the company that closed it and the other one are in the room.
LINK_CLOSED = {
    ("host", "guest"): "the other",
    ("guest", "host"): "who closed",
    ("guest", "guest"): "who closed",
}
PARTS = [pattern for pattern in urlpatterns if "pk" in pattern.pattern.converters]
# Enough for every form of a room to be valid.
FORM = {"seq": "1", "after": "0", "body": "let me in", "name": "Mine", "newcomers": "all", "pinned": "1", "do": "ok"}


@dataclass(frozen=True)
class Case:
    """One way in which a right ends: the cause, the company that acts, and the partner or the members it is about."""

    cause: str
    closer: str
    partner: str = ""
    members: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "-".join([self.cause, self.closer, *filter(None, [self.partner]), *self.members])

    @property
    def closed(self) -> tuple[str, ...]:
        """The companies with which the link closes."""
        if self.partner:
            return (self.partner,)
        return tuple(name for name in STAFF if name != self.closer) if self.cause in ("off", "approved") else ()

    @property
    def lost(self) -> tuple[str, ...]:
        """The members who lose the right themselves, while the company keeps it."""
        return STAFF[self.closer] if self.cause == "nobody chosen" else self.members


FIRSTS = [(company, STAFF[company][0]) for company in CLOSERS]
OTHERS = [("alpha", "han"), ("gamma", "bao")]
CASES = [
    *(Case("off", closer) for closer in CLOSERS),
    *(Case("approved", closer) for closer in CLOSERS),
    *(Case("denied", closer, partner) for closer in CLOSERS for partner in CLOSERS if closer != partner),
    *(
        Case("not approved", closer, partner)
        for closer, partner in zip(CLOSERS, CLOSERS[1:] + CLOSERS[:1], strict=True)
    ),
    *(Case("nobody chosen", closer) for closer in CLOSERS),
    *(Case("member", company, members=(name,)) for company, name in [*FIRSTS, *OTHERS]),
    *(Case("department", company, members=STAFF[company][:2]) for company in CLOSERS),
    *(Case("moved", company, members=(name,)) for company, name in FIRSTS),
    *(Case("deactivated", company, members=(name,)) for company, name in [*FIRSTS, *OTHERS]),
]
ONE_OF_EACH = list({case.cause: case for case in CASES}.values())


@dataclass
class World:
    """Four linked companies, their people, and rooms of every kind, each with something said in it."""

    companies: dict[str, Company]
    people: dict[str, User]
    rooms: dict[str, Room]
    said: dict[str, list[str]] = field(default_factory=dict)
    # Of how many of them somebody has said that they have read them.
    read: dict[tuple[str, str], int] = field(default_factory=dict)

    def name_of(self, pk: int) -> str:
        return next(name for name, person in self.people.items() if person.pk == pk)

    def key_of(self, pk: int) -> str:
        return next(key for key, room in self.rooms.items() if room.pk == pk)

    def fresh(self, key: str) -> Room:
        return Room.objects.get(pk=self.rooms[key].pk)

    def fresh_rooms(self) -> dict[str, Room]:
        rooms = Room.objects.in_bulk()
        return {key: rooms[room.pk] for key, room in self.rooms.items()}


def inside(key: str) -> list[str]:
    """Who is in a room at first, the longest-standing first."""
    if "-" in key:
        return key.split("-")
    host, *guests = key.split("+")
    return [*STAFF[host], *(name for guest in guests for name in STAFF[guest][:2])]


def host_of(key: str) -> str:
    """The hosting company of a group room."""
    return key.split("+", maxsplit=1)[0]


def guest_master(key: str) -> set[str]:
    """The first guest shares mastership, so that a guest is never mistaken for the hosting company's Master."""
    return {STAFF[guest][0] for guest in key.split("+")[1:2]}


@pytest.fixture
def world(cast: Cast) -> World:
    companies = {"alpha": cast.alpha, "beta": cast.beta, "gamma": cast.gamma, "delta": make_company("delta")}
    people = {"kim": cast.kim, "lee": cast.lee, "sato": cast.sato, "ito": cast.ito, "tran": cast.tran}
    for name in ("dora", "han", "abe", "linh", "bao", "dana", "dirk"):
        people[name] = make_member(companies[COMPANY_OF[name]], name.title())
    for company in ("gamma", "delta"):
        set_external_connection(company=companies[company], allows=True, actor=None)
    found = World(companies, people, {})
    for key in GROUPS:
        first, *others = (people[name] for name in inside(key))
        found.rooms[key] = create_group_room(creator=first, members=others, name=f"Room of {key}")
    for key in PAIRS:
        one, other = (people[name] for name in key.split("-"))
        found.rooms[key] = open_direct_room(member=one, other=other)
    for key in GROUPS:
        masters = [people[name].pk for name in guest_master(key)]
        Membership.objects.filter(room=found.rooms[key], member__in=masters).update(role="master")
    block_external_user(member=people["abe"], person=people["kim"])
    say(found, {key: [inside(key)[0], inside(key)[-1], inside(key)[1]] for key in (*GROUPS, *PAIRS)})
    return found


def say(world: World, said: dict[str, list[str]]) -> None:
    """Each of these people says something in these rooms, one after the other."""
    drafts = [
        Draft(world.rooms[key].pk, world.people[author].pk, uuid4(), f"{author} in {key}")
        for key, authors in said.items()
        for author in authors
    ]
    for outcome in send_messages(drafts):
        assert isinstance(outcome, Message), outcome
    for key, authors in said.items():
        world.said[key] = world.said.get(key, []) + authors


def unread(world: World, key: str, name: str) -> int:
    """How many messages wait: what others said after the member last wrote or read, without whom they have blocked."""
    waiting = 0
    for author in world.said[key][world.read.get((key, name), 0) :]:
        waiting = 0 if author == name else waiting + ((name, author) != ("abe", "kim"))
    return waiting


@dataclass
class Expected:
    """What is true afterwards: who is out of which group room, and which 1:1 rooms are frozen."""

    out: dict[str, set[str]]
    frozen: set[str]
    inactive: set[str] = field(default_factory=set)

    def staying(self, key: str) -> list[str]:
        """Who is still in, the longest-standing first."""
        return [name for name in inside(key) if name not in self.out.get(key, set())]

    def hosts(self, key: str) -> list[str]:
        return [name for name in self.staying(key) if COMPANY_OF[name] == host_of(key)]

    def is_frozen(self, key: str) -> bool:
        return key in self.frozen if "-" in key else not self.hosts(key)

    def is_external(self, key: str) -> bool:
        if "-" in key:
            return len({COMPANY_OF[name] for name in inside(key)}) > 1
        return any(COMPANY_OF[name] != host_of(key) for name in self.staying(key))

    def master(self, key: str) -> str:
        """The hosting company's Master: the first one, or the longest-standing active one who is left."""
        return next((name for name in self.hosts(key) if name not in self.inactive), "")

    def lines(self, key: str) -> list[set[str]]:
        """The people whom each new line names: a line for each company, the new Master, and the end of the hosts."""
        if "-" in key:
            return [set()] if key in self.frozen else []
        by_company: defaultdict[str, set[str]] = defaultdict(set)
        for name in self.out.get(key, ()):
            by_company[COMPANY_OF[name]].add(name)
        found = list(by_company.values())
        if self.is_frozen(key):
            found.append(set())
        elif self.master(key) != inside(key)[0]:
            found.append({self.master(key)})
        # Whoever is deactivated stays in an internal room, but not as its Master.
        return found + [{name} for name in inside(key)[:1] if name in self.inactive & set(self.staying(key))]


def expected_of(case: Case) -> Expected:
    """What the table says of a case."""
    groups = [key for key in GROUPS if "+" in key]
    frozen = {key for key in PAIRS if _parts(case, key)}
    inactive = set(case.members) if case.cause == "deactivated" else set()
    return Expected({key: _out_of(case, key) for key in groups}, frozen, inactive)


def _parts(case: Case, key: str) -> bool:
    people = inside(key)
    companies = {COMPANY_OF[name] for name in people}
    links = [{case.closer, partner} for partner in case.closed]
    return len(companies) > 1 and (companies in links or bool(set(people) & set(case.lost)))


def _out_of(case: Case, key: str) -> set[str]:
    people = set(inside(key))
    if case.lost:
        return people & set(case.lost)
    host, *guests = key.split("+")
    place = {host: "host"} | dict.fromkeys(guests, "guest")
    gone: set[str] = set()
    for partner in case.closed:
        if case.closer in place and partner in place:
            who = LINK_CLOSED[place[case.closer], place[partner]]
            gone |= {name for name in people if COMPANY_OF[name] == (partner if who == "the other" else case.closer)}
    return gone


def prepare(world: World, case: Case) -> None:
    """Bring the companies to where the case begins, without anybody losing anything."""
    company, staff = world.companies[case.closer], STAFF[case.closer]
    if case.cause == "not approved":
        for partner in STAFF:
            if partner not in (case.closer, case.partner):
                decide(company=company, partner=world.companies[partner], decision="allow", actor=None)
    if case.cause in ("member", "department", "moved"):
        docks = Department.objects.create(company=company, name="Docks")
        single = staff
        if case.cause != "member":
            User.objects.filter(pk__in=[world.people[name].pk for name in case.members]).update(department=docks)
            single = tuple(name for name in staff if name not in case.members)
            grant_members(company=company, departments=[docks], actor=None)
        grant_members(company=company, members=[world.people[name] for name in single], actor=None)
        set_member_grant(company=company, grant_to="chosen", actor=None)


def carry_out(world: World, case: Case) -> None:
    """Let the right end."""
    company = world.companies[case.closer]
    members = [User.objects.get(pk=world.people[name].pk) for name in case.members]
    match case.cause:
        case "off":
            set_external_connection(company=company, allows=False, actor=None)
        case "approved" | "not approved":
            set_partner_rule(company=company, rule="approved", actor=None)
        case "denied":
            decide(company=company, partner=world.companies[case.partner], decision="deny", actor=None)
        case "nobody chosen":
            set_member_grant(company=company, grant_to="chosen", actor=None)
        case "member":
            withdraw_members(company=company, members=members, actor=None)
        case "department":
            withdraw_members(company=company, departments=Department.objects.filter(company=company), actor=None)
        case "moved":
            change_department(member=members[0], department=None, actor=None)
        case "deactivated":
            deactivate_member(member=members[0], actor=None)
        case _:
            raise ValueError(case.cause)


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
    check_everything(
        world, expected, before, published, DOORS if case in ONE_OF_EACH else DOORS[len(str(case)) % 4 :: 4]
    )


def check_everything(
    world: World,
    expected: Expected,
    before: dict[str, int],
    published: list[dict[str, Any]],
    doors: "list[Door]",
) -> None:
    check_constraints()
    check_pushes(world, expected, before, published)
    check_what_each_sees(world, expected)
    check_the_excluded(world, expected)
    check_direct_rooms(world, expected)
    check_the_excluded_at_the_doors(world, expected, doors)
    check_the_rooms_go_on(world, expected)


def check_constraints() -> None:
    """What the database checks at the commit, checked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


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
    named = [sorted(world.name_of(int(pk)) for pk in re.findall(r'data-person="(\d+)"', row.html)) for row in fresh]
    assert sorted(named) == sorted(sorted(names) for names in expected.lines(key)), key
    for message in fresh:
        assert all(world.people[name].name in message.body for name in named[message.seq - before - 1])


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
        seen = visible_messages(person.pk).values_list("room", flat=True).distinct().order_by()
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
    """Who stays writes on where somebody of the hosting company is left; it reaches exactly them."""
    active = {key: [name for name in expected.staying(key) if name not in expected.inactive] for key in GROUPS}
    frozen = [key for key in GROUPS if active[key] and expected.is_frozen(key)]
    drafts = [Draft(world.rooms[key].pk, world.people[active[key][0]].pk, uuid4(), "too late") for key in frozen]
    for outcome in send_messages(drafts) if drafts else ():
        assert isinstance(outcome, Refused)
    going_on = [key for key in GROUPS if active[key] and not expected.is_frozen(key)]
    for key in going_on:
        # The lines about who is out are read too, and are not counted as messages.
        mark_read(member=world.people[active[key][0]], room_id=world.rooms[key].pk, seq=MISSING)
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
    ("key", "names"), WITHDRAWN, ids=lambda value: value if isinstance(value, str) else "-".join(value)
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
    """Nobody has to follow them, but pages that show who is Master have to find out."""
    room, kim, han = world.rooms["alpha"], world.people["kim"], world.people["han"]
    make_master(master=kim, room_id=room.pk, member_id=han.pk)
    before = world.fresh("alpha").rev
    deactivate_member(member=kim, actor=None)
    masters = Membership.objects.filter(room=room, ended_at=None, role="master")
    assert [row.member_id for row in masters] == [han.pk]
    assert world.fresh("alpha").rev > before
