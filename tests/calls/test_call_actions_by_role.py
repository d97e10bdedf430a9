"""Every address of calls, asked by everyone: who may do what, what it changes, and what strangers learn (nothing)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.actions.members import deactivate_member
from accounts.models import AuditEntry, Notification, User
from calls.actions.joining import join_call
from calls.actions.leaving import leave_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call, Participant
from calls.urls import urlpatterns
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import open_direct_room
from messaging.models import Message, Room
from tests.calls.ring import without_media_servers
from tests.cast import make_cast, make_member, signed_in
from tests.depth import in_turn
from tests.snapshot import Kept
from tests.written import rows_written

pytestmark = pytest.mark.django_db
# Ids of nothing; the second fits into no column.
MISSING = 987_654_321
HUGE = 10**30
SIGN_IN = "/accounts/login/"
JSON = {"accept": "application/json"}
# Whatever a request on a call may change.
STATEFUL = (Call, Participant, Message, Notification, AuditEntry)
PATTERNS: dict[str, URLPattern] = {str(pattern.name): pattern for pattern in urlpatterns}
ON_A_CALL = {name for name, pattern in PATTERNS.items() if "pk" in pattern.pattern.converters}
ON_A_ROOM = {name for name, pattern in PATTERNS.items() if "room" in pattern.pattern.converters} | {"new", "start"}

# The call each of them is asked about, and who they are to it.
STRANGERS = {
    "colleague": ("direct", "han"),
    "linked stranger": ("direct", "abe"),
    "unlinked stranger": ("direct", "tran"),
    "blocker, from whom it is withheld": ("withheld", "shy"),
    "operator": ("direct", "operator"),
    "administrator": ("direct", "admin"),
    "who left the room": ("group", "left"),
    "who was removed from the room in mid-call": ("group", "removed"),
    "stranger to the group": ("group", "han"),
    "unlinked stranger to the group": ("group", "tran"),
    "who left, of a call that has ended": ("ended", "left"),
    "stranger, of a call that has ended": ("ended", "abe"),
}
# (call, person): joined, ringing, and a member of the group room who is not in the call.
ROLES = {
    "joined": ("direct", "kim"),
    "ringing": ("direct", "sato"),
    "blocked caller": ("withheld", "bad"),
    "in the room, not in the call": ("group", "lee"),
    "in the group call": ("group", "ito"),
    "was in it, of a call that has ended": ("ended", "ito"),
}
# What each of the roles is answered: a number, or a number and what happens to the call.
Outcome = int | tuple[int, str]
NOT_IN_IT = (403, 404, 409)
TABLE: dict[str, dict[str, Outcome]] = {
    "call": dict.fromkeys(ROLES, 200),
    "state": dict.fromkeys(ROLES, 200),
    "media": dict.fromkeys(ROLES, -1) | dict.fromkeys(("joined", "blocked caller", "in the group call"), 200),
    "join": {
        "joined": 200,
        "ringing": (200, "joined"),
        "blocked caller": 200,
        "in the room, not in the call": (200, "joined"),
        "in the group call": 200,
        "was in it, of a call that has ended": 409,
    },
    "decline": {
        "joined": -2,
        "ringing": (204, "declined"),
        "blocked caller": -2,
        "in the room, not in the call": -2,
        "in the group call": -2,
        "was in it, of a call that has ended": -2,
    },
    "leave": {
        "joined": (204, "left"),
        "ringing": -2,
        "blocked caller": (204, "left"),
        "in the room, not in the call": -2,
        "in the group call": (204, "left"),
        "was in it, of a call that has ended": -2,
    },
}
METHODS = {"call": "get", "state": "get", "media": "get", "join": "post", "decline": "post", "leave": "post"}
METHODS |= {"new": "get", "start": "post", "room": "get"}
METHODS |= dict.fromkeys(("list", "check", "ice", "ringing"), "get")


@dataclass
class World:
    """Four calls, and everybody by a short name."""

    people: dict[str, User]
    rooms: dict[str, Room]
    calls: dict[str, Call] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)

    def device(self, name: str) -> str:
        """The page of a participant in a call; another one for people in none."""
        return self.devices.setdefault(name, str(uuid4()))

    def start(self, call: str, who: str) -> None:
        room = self.rooms[call].pk
        self.calls[call] = start_call(
            member=self.people[who], room_id=room, kind="voice", device=Device(UUID(self.device(who)))
        )

    def join(self, call: str, who: str) -> None:
        join_call(member=self.people[who], call_id=self.calls[call].pk, device=Device(UUID(self.device(who))))


def make_world() -> World:
    """The people and the rooms; calls do not keep."""
    cast = make_cast()
    people = {"kim": cast.kim, "lee": cast.lee, "sato": cast.sato, "ito": cast.ito, "tran": cast.tran}
    people |= {"admin": cast.admin_alpha, "operator": cast.operator, "han": make_member(cast.alpha, "Han")}
    people |= {name: make_member(cast.alpha, f"Person {name}") for name in ("bad", "boss")}
    people |= {name: make_member(cast.beta, f"Person {name}") for name in ("abe", "shy", "left", "removed")}
    guests = [people[name] for name in ("lee", "ito", "left", "removed")]
    group, ended = (create_group_room(creator=people["boss"], members=guests, name=name) for name in ("Room", "Over"))
    block_external_user(member=people["shy"], person=people["bad"])
    direct = open_direct_room(member=cast.kim, other=cast.sato)
    withheld = open_direct_room(member=people["bad"], other=people["shy"])
    return World(people, {"direct": direct, "withheld": withheld, "ended": ended, "group": group})


kept_world = Kept(make_world)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    without_media_servers(settings)
    found = kept_world()
    people, group, ended = found.people, found.rooms["group"], found.rooms["ended"]
    found.start("direct", "kim")
    found.start("withheld", "bad")
    found.start("ended", "ito")
    leave_room(member=people["left"], room_id=ended.pk)
    _hang_up(found, "ended", "ito")
    found.start("group", "ito")
    found.join("group", "removed")
    remove_member(master=people["boss"], room_id=group.pk, member_id=people["removed"].pk)
    leave_room(member=people["left"], room_id=group.pk)
    return found


def _hang_up(world: World, call: str, who: str) -> None:
    leave_call(member=world.people[who], call_id=world.calls[call].pk, device=UUID(world.device(who)))


@dataclass
class Seen:
    """What one request was answered, and whether it changed anything; it is undone again."""

    status: int
    where: str
    text: str
    changed: bool
    state: str = ""


def ask(
    client: Client,
    name: str,
    pk: int,
    form: dict[str, Any],
    *,
    method: str = "",
    headers: dict[str, str] = JSON,
    after: Callable[[], str] = str,
) -> Seen:
    """Ask for an address with these ids."""
    form = form | ({"room": pk} if name in ("new", "start") else {})
    path = reverse(f"calls:{name}", args=[pk] if name in ON_A_CALL or name == "room" else [])
    with transaction.atomic():
        written = rows_written(*STATEFUL)
        answer: HttpResponseBase = getattr(client, method or METHODS[name])(path, form, headers=headers)
        changed, state = rows_written(*STATEFUL) != written, after()
        transaction.set_rollback(True)
    client.cookies.pop("messages", None)
    body = b"".join(answer) if answer.streaming else answer.content
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"', "", body.decode(errors="replace"))
    where = answer.headers.get("Location", "")
    return Seen(answer.status_code, where.replace(path, "…"), text.replace(path, "…"), changed, state)


def form_of(world: World, who: str) -> dict[str, Any]:
    """Enough for every form to be valid."""
    return {"device": world.device(who), "kind": "voice", "answer": "voice", "move": "1", "mic": "1", "camera": "0"}


def test_every_address_is_in_the_table() -> None:
    assert METHODS.keys() == PATTERNS.keys()
    assert TABLE.keys() == ON_A_CALL
    assert {name for name, pattern in PATTERNS.items() if pattern.pattern.converters} == ON_A_CALL | {"room"}
    for roles in TABLE.values():
        assert roles.keys() == ROLES.keys()


@pytest.mark.parametrize("role", STRANGERS)
def test_i01_i04_a_stranger_is_answered_as_if_the_call_did_not_exist(world: World, role: str) -> None:
    call, who = STRANGERS[role]
    client, form = signed_in(world.people[who]), form_of(world, who)
    for turn, name in enumerate(sorted(ON_A_CALL), list(STRANGERS).index(role)):
        # As scripts, people and htmx ask.
        asked = ((JSON, HUGE), ({}, MISSING), ({"hx-request": "true"}, MISSING))
        for headers, missing in in_turn(asked, turn, of=3):
            seen = ask(client, name, world.calls[call].pk, form, headers=headers)
            assert (seen.status, seen.changed) == (404, False), (name, seen)
            assert ask(client, name, missing, form, headers=headers) == seen, (name, headers)


@pytest.mark.parametrize("role", [role for role in STRANGERS if not role.startswith("blocker")])
def test_i01_i04_a_stranger_is_answered_as_if_the_room_did_not_exist(world: World, role: str) -> None:
    call, who = STRANGERS[role]
    client, form = signed_in(world.people[who]), form_of(world, who)
    for name in ON_A_ROOM:
        seen = ask(client, name, world.calls[call].room_id, form)
        assert (seen.status, seen.changed) == (404, False), (name, seen)
        assert ask(client, name, MISSING, form) == seen, name


@pytest.mark.parametrize("role", ROLES)
def test_what_each_of_those_concerned_may_do(world: World, role: str) -> None:
    call, who = ROLES[role]
    person, form = world.people[who], form_of(world, who)
    client, pk = signed_in(person), world.calls[call].pk

    def state() -> str:
        return "".join(Participant.objects.filter(call=pk, member=person).values_list("state", flat=True))

    before = state()
    for name, roles in TABLE.items():
        seen, expected = ask(client, name, pk, form, after=state), roles[role]
        if isinstance(expected, tuple):
            assert (seen.status, seen.changed, seen.state) == (expected[0], True, expected[1]), (name, seen)
            continue
        allowed = {-1: NOT_IN_IT, -2: (204, *NOT_IN_IT)}.get(expected, (expected,))
        assert seen.status in allowed, (name, seen)
        assert (seen.changed, seen.state) == (False, before), (name, seen)


@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_page_leaves_nothing_for_its_member(world: World, role: str) -> None:
    """Someone else's device gives no access: only the signed-in member counts."""
    call, who = ROLES[role]
    client, pk = signed_in(world.people[who]), world.calls[call].pk
    others = [name for name in world.devices if name != who]
    for name in others:
        form = {"device": world.device(name)}
        assert ask(client, "media", pk, form).status in NOT_IN_IT
        assert not ask(client, "leave", pk, form).changed


def test_i01_signed_out_every_address_leads_to_the_sign_in(world: World) -> None:
    client = Client()
    for name in PATTERNS:
        for call in world.calls.values():
            for pk in (call.room_id if name in ON_A_ROOM else call.pk, MISSING):
                seen = ask(client, name, pk, form_of(world, "nobody"), headers={})
                assert (seen.status, seen.changed) == (302, False), name
                assert seen.where.startswith(SIGN_IN)


def test_i01_a_deactivated_member_is_signed_out(world: World) -> None:
    client = signed_in(world.people["sato"])
    deactivate_member(member=User.objects.get(pk=world.people["sato"].pk), actor=None)
    call = world.calls["direct"]
    for name in PATTERNS:
        seen = ask(client, name, call.room_id if name in ON_A_ROOM else call.pk, form_of(world, "sato"), headers={})
        assert (seen.status, seen.changed) == (302, False), name
        assert seen.where.startswith(SIGN_IN)


@pytest.mark.parametrize("role", [*ROLES, "linked stranger"])
def test_an_address_asked_in_the_wrong_way_does_nothing(world: World, role: str) -> None:
    call, who = (ROLES | STRANGERS)[role]
    client = signed_in(world.people[who])
    for name in PATTERNS:
        pk = world.calls[call].room_id if name in ON_A_ROOM else world.calls[call].pk
        for method in {"get", "post", "put", "delete"} - {METHODS[name]}:
            seen = ask(client, name, pk, {"device": world.device(who)}, method=method)
            assert (seen.status, seen.changed) == (405, False), (name, method, seen)


def test_i15_who_blocks_sees_nothing_of_the_ring_in_any_list(world: World) -> None:
    client, call = signed_in(world.people["shy"]), world.calls["withheld"]
    assert client.get(reverse("calls:ringing")).context["rings"] == []
    assert list(client.get(reverse("calls:list")).context["page"]) == []
    bar = client.get(reverse("calls:room", args=[call.room_id]))
    assert bar.context["call"] is None
    quiet = open_direct_room(member=world.people["shy"], other=world.people["ito"])
    assert bar.content.decode().replace(str(call.room_id), "") == client.get(
        reverse("calls:room", args=[quiet.pk])
    ).content.decode().replace(str(quiet.pk), "")


def test_i04_the_lists_of_strangers_are_empty(world: World) -> None:
    for who in ("han", "abe", "tran", "left", "admin", "boss"):
        client = signed_in(world.people[who])
        assert client.get(reverse("calls:ringing")).context["rings"] == [], who
        assert list(client.get(reverse("calls:list")).context["page"]) == [], who
    assert client.get(reverse("calls:room", args=[world.calls["group"].room_id])).context["call"] is not None


def test_i12_after_a_close_the_excluded_are_strangers(world: World) -> None:
    clients = {who: signed_in(world.people[who]) for who in ("ito", "sato", "kim")}
    set_external_connection(company=world.people["ito"].company, allows=False, actor=None)
    for name in ON_A_CALL:
        form = form_of(world, "ito")
        seen = ask(clients["ito"], name, world.calls["group"].pk, form)
        assert seen.status == 404
        assert ask(clients["ito"], name, MISSING, form) == seen, name
    # The two of the 1:1 room keep what was, and nothing more.
    for who in ("sato", "kim"):
        form = form_of(world, who)
        for name in ("join", "media", "decline", "leave"):
            seen = ask(clients[who], name, world.calls["direct"].pk, form)
            assert seen.status in ((204, 403, 404, 409) if name in ("decline", "leave") else NOT_IN_IT), (who, name)
            assert not seen.changed
        assert clients[who].get(reverse("calls:state", args=[world.calls["direct"].pk])).json()["state"] == "ended"
