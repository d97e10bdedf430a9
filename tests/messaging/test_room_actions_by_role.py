"""Every address of a room, asked by everyone: who may do what, what it changes, and what strangers learn (nothing)."""

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from PIL import Image

from accounts.actions.members import deactivate_member
from accounts.models import AuditEntry, User
from accounts.photos import make_photo
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from contacts.models import ExternalContact
from federation.actions.switch import set_external_connection
from messaging.access import messages_in
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.actions.masters import make_master
from messaging.actions.rooms import open_direct_room
from messaging.models import Membership, Message, Room
from messaging.urls import urlpatterns
from tests.cast import make_cast, make_member, signed_in
from tests.depth import in_turn
from tests.messaging.doors import Answer, answer_of
from tests.snapshot import Kept
from tests.written import rows_written

pytestmark = pytest.mark.django_db
# Ids of nothing; the second fits into no column.
MISSING = 987_654_321
HUGE = 10**30
SIGN_IN = "/accounts/login/"

# Who asks, by what they are to the External Group room that Kim of alpha has made.
INSIDE = {
    "host master": "kim",
    "guest master": "sato",
    "host member": "lee",
    "guest member": "ito",
    "blocked member": "oka",
}
OUTSIDE = {
    "who left": "left",
    "who was removed": "removed",
    "who was excluded": "excluded",
    "colleague": "han",
    "linked stranger": "abe",
    "unlinked stranger": "tran",
    "blocked contact of the Master": "bad",
    "contact who blocked the Master": "shy",
    "hosting administrator": "admin",
    "operator": "operator",
}
MASTERS = ("kim", "sato")
MEMBERS = ("lee", "ito", "oka")

# A number: that status, and nothing changes. A set: it is done, and exactly this changes.
Outcome = int | set[str]
FORBIDDEN: Outcome = 403
MINE = {"{me}: own settings"}


@dataclass
class Row:
    """One thing asked of a room, and the outcome for its hosting Master, a guest Master, and plain members."""

    name: str
    method: str
    host: Outcome
    guest: Outcome
    member: Outcome
    target: str = "ito"
    form: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    def outcome(self, who: str) -> Outcome:
        found = self.host if who == "kim" else self.guest if who == "sato" else self.member
        return found if isinstance(found, int) else {change.format(me=who) for change in found}


TABLE = [
    *(
        Row(name, "get", 200, 200, 200)
        for name in ("room", "header", "foot", "timeline", "details", "members", "photo")
    ),
    Row("changes", "get", 200, 200, 200, form={"after": 0}),
    Row("edit", "get", 200, 200, FORBIDDEN),
    Row(
        "edit",
        "post",
        {"name", "newcomers", "2 lines"},
        {"name", "newcomers", "2 lines"},
        FORBIDDEN,
        form={"name": "Renamed", "newcomers": "all"},
    ),
    Row("add_members", "get", 200, 200, FORBIDDEN),
    Row("add_members", "post", {"friend: in", "1 line"}, {"friend: in", "1 line"}, FORBIDDEN, form={"do": "ok"}),
    Row("remove_member", "post", {"ito: out", "1 line"}, {"ito: out", "1 line"}, FORBIDDEN),
    Row("remove_member", "post", {"lee: out", "1 line"}, FORBIDDEN, FORBIDDEN, target="lee"),
    Row("remove_member", "post", FORBIDDEN, FORBIDDEN, FORBIDDEN, target="kim"),
    Row("remove_member", "post", {"sato: out", "1 line"}, FORBIDDEN, FORBIDDEN, target="sato"),
    Row("make_master", "post", {"ito: master", "1 line"}, {"ito: master", "1 line"}, FORBIDDEN),
    Row("make_master", "post", set(), set(), FORBIDDEN, target="sato"),
    Row(
        "hand_over",
        "post",
        {"kim: member", "lee: master", "1 line"},
        {"sato: member", "lee: master", "1 line"},
        FORBIDDEN,
        target="lee",
    ),
    # Somebody of the hosting company stays Master.
    Row("hand_over", "post", FORBIDDEN, {"sato: member", "ito: master", "1 line"}, FORBIDDEN),
    Row("step_down", "post", FORBIDDEN, {"sato: member", "1 line"}, FORBIDDEN),
    Row("leave", "post", {"kim: out", "lee: master", "2 lines"}, {"sato: out", "1 line"}, {"{me}: out", "1 line"}),
    Row("settings", "post", MINE, MINE, MINE, form={"pinned": "1", "muted": "1", "hidden": "1", "unread": "1"}),
    Row("send", "post", {"{me} said", *MINE}, {"{me} said", *MINE}, {"{me} said", *MINE}, form={"body": "hello"}),
    Row("read", "post", MINE, MINE, MINE, form={"seq": MISSING}),
    Row("reconnect", "post", 404, 404, 404),
]
WITHOUT_ROOM = {"home", "list", "search", "new", "create", "with"}
ROOM_PATTERNS: dict[str, URLPattern] = {
    str(pattern.name): pattern for pattern in urlpatterns if "pk" in pattern.pattern.converters
}
ON_A_MEMBER = [name for name, pattern in ROOM_PATTERNS.items() if "member" in pattern.pattern.converters]


@dataclass
class World:
    """The rooms, everybody by a short name, and what the rooms asked about are before anything is asked."""

    people: dict[str, User]
    group: Room
    frozen: Room
    direct: Room
    before: "dict[int, State]" = field(default_factory=dict)

    def name_of(self, pk: int) -> str:
        return next(name for name, person in self.people.items() if person.pk == pk)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    found = kept_world()
    photo = tmp_path / found.group.photo.name
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(picture().read())
    return found


def make_world() -> World:
    cast = make_cast()
    people = {"kim": cast.kim, "lee": cast.lee, "sato": cast.sato, "ito": cast.ito, "tran": cast.tran}
    people |= {"admin": cast.admin_alpha, "operator": cast.operator, "han": make_member(cast.alpha, "Han")}
    for name in ("oka", "left", "removed", "excluded", "abe", "bad", "shy", "friend"):
        people[name] = make_member(cast.beta, f"Person {name}")
    kim, sato = cast.kim, cast.sato
    frozen = open_direct_room(member=kim, other=sato)
    for allows in (False, True):
        set_external_connection(company=cast.beta, allows=allows, actor=None)
    guests = ("sato", "ito", "oka", "left", "removed", "excluded")
    group = create_group_room(
        creator=kim, members=[cast.lee, *(people[name] for name in guests)], name="Room", photo=picture()
    )
    for name in ("friend", "bad", "shy"):
        add_external_contact(member=kim, person=people[name])
    block_external_user(member=kim, person=people["bad"])
    block_external_user(member=kim, person=people["oka"])
    block_external_user(member=people["shy"], person=kim)
    leave_room(member=people["left"], room_id=group.pk)
    remove_member(master=kim, room_id=group.pk, member_id=people["removed"].pk)
    row = Membership.objects.get(room=group, member=people["excluded"])
    withdraw_from_room(administrator=cast.admin_beta, membership=row)
    make_master(master=kim, room_id=group.pk, member_id=sato.pk)
    return World(people, group, frozen, open_direct_room(member=cast.lee, other=sato))


kept_world = Kept(make_world)


def picture() -> Any:
    output = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(output, "PNG")
    return make_photo(SimpleUploadedFile("photo.png", output.getvalue(), "image/png"))


@dataclass
class State:
    """What a room is at one moment."""

    room: dict[str, Any]
    roles: dict[int, str]
    own: dict[int, tuple[Any, ...]]
    lines: int
    texts: list[int]
    audited: int


SETTINGS = ("pinned_at", "muted_at", "hidden_rev", "marked_unread_at", "read_seq", "settings_rev", "joined_at")
# Where all of it stands.
STATEFUL = (Room, Membership, Message, AuditEntry)
FIELDS = ("name", "description", "photo", "newcomers", "is_external", "frozen_at", "hosting_company_id", "kind")


def state_of(room: Room) -> State:
    fresh = Room.objects.get(pk=room.pk)
    rows = Membership.objects.filter(room=room, ended_at=None)
    said = list(Message.objects.filter(room=room).order_by("seq"))
    assert [message.seq for message in said] == list(range(1, fresh.rev + 1))
    return State(
        room={name: getattr(fresh, name) for name in FIELDS},
        roles={row.member_id: row.role for row in rows},
        own={row.member_id: tuple(getattr(row, name) for name in SETTINGS) for row in rows},
        lines=len([message for message in said if message.kind == "line"]),
        texts=[message.author_id or 0 for message in said if message.kind == "text"],
        audited=AuditEntry.objects.filter(event__startswith="room.").count(),
    )


def changes(world: World, before: State, after: State) -> set[str]:
    """What is different, in words."""
    if before == after:
        return set()
    found = {name for name in FIELDS if before.room[name] != after.room[name]}
    for pk in before.roles.keys() | after.roles.keys():
        name = world.name_of(pk)
        if pk not in after.roles:
            found.add(f"{name}: out")
        elif pk not in before.roles:
            found.add(f"{name}: in")
        elif before.roles[pk] != after.roles[pk]:
            found.add(f"{name}: {after.roles[pk]}")
        elif before.own[pk] != after.own[pk]:
            found.add(f"{name}: own settings")
    lines = after.lines - before.lines
    found |= {f"{lines} line{'s'[: lines - 1]}"} if lines else set()
    return found | {f"{world.name_of(pk)} said" for pk in after.texts[len(before.texts) :]}


@dataclass
class Seen:
    """What one request was answered, and what it changed in the room; it is undone again."""

    answer: Answer
    changed: set[str]
    audited: int


def ask(world: World, client: Client, row: Row, room: Room, room_id: int, member_id: int) -> Seen:
    """Ask for the row's address with these ids."""
    values = {"pk": room_id} | ({"member": member_id} if row.name in ON_A_MEMBER else {})
    path = reverse(f"messaging:{row.name}", kwargs=values)
    if room.pk not in world.before:
        world.before[room.pk] = state_of(room)
    before = world.before[room.pk]
    with transaction.atomic():
        written = rows_written(*STATEFUL)
        answer = answer_of(getattr(client, row.method)(path, row.form), path)
        after = before if rows_written(*STATEFUL) == written else state_of(room)
        transaction.set_rollback(True)
    # What a page would have said next.
    client.cookies.pop("messages", None)
    return Seen(answer, changes(world, before, after), after.audited - before.audited)


def with_person(world: World, row: Row, who: str) -> Row:
    """The row with someone a Master may add."""
    if row.name != "add_members" or row.method == "get":
        return row
    return Row(
        row.name, row.method, row.host, row.guest, row.member, form=row.form | {"people": world.people["friend"].pk}
    )


def test_every_address_is_in_the_table() -> None:
    assert {row.name for row in TABLE} == ROOM_PATTERNS.keys()
    assert {str(pattern.name) for pattern in urlpatterns} == ROOM_PATTERNS.keys() | WITHOUT_ROOM
    assert set(ON_A_MEMBER) == {"remove_member", "make_master", "hand_over"}


@pytest.mark.parametrize("role", INSIDE)
def test_what_each_member_may_do(world: World, role: str) -> None:
    who = INSIDE[role]
    client = signed_in(world.people[who])
    for row in TABLE:
        asked = with_person(world, row, who)
        seen = ask(world, client, asked, world.group, world.group.pk, world.people[row.target].pk)
        expected = row.outcome(who)
        if isinstance(expected, int):
            assert (seen.answer[0], seen.changed, seen.audited) == (expected, set(), 0), (str(row), row.target)
        else:
            assert seen.answer[0] in (302, 204), (str(row), row.target, seen.answer)
            assert seen.changed == expected, (str(row), row.target)
            assert bool(seen.audited) == any("line" in change for change in expected), str(row)


@pytest.mark.parametrize("role", [*INSIDE, "linked stranger"])
def test_an_address_asked_in_the_wrong_way_does_nothing(world: World, role: str) -> None:
    client = signed_in(world.people[(INSIDE | OUTSIDE)[role]])
    for name in ROOM_PATTERNS:
        for method in {"get", "post", "put", "delete"} - {row.method for row in TABLE if row.name == name}:
            row = Row(name, method, 405, 405, 405)
            seen = ask(world, client, row, world.group, world.group.pk, world.people["ito"].pk)
            if name in ("edit", "add_members"):
                # Forms: anything but a post shows them to those who may.
                assert seen.answer[0] in (200, 403, 404)
            else:
                assert seen.answer[0] == 405, row
            assert (seen.changed, seen.audited) == (set(), 0), row


@pytest.mark.parametrize("role", OUTSIDE)
def test_i01_i04_a_stranger_is_answered_as_if_the_room_did_not_exist(world: World, role: str) -> None:
    client = signed_in(world.people[OUTSIDE[role]])
    number = list(OUTSIDE).index(role)
    # Somebody who was in the room asks at every address, the others at every second one.
    for row in TABLE if number < 3 else in_turn(TABLE, number, of=2):
        member = world.people[row.target].pk
        asked = with_person(world, row, role)
        seen = ask(world, client, asked, world.group, world.group.pk, member)
        assert (seen.answer[0], seen.changed, seen.audited) == (404, set(), 0), (str(row), seen.answer)
        for missing in (MISSING, HUGE) if role == "who left" else (MISSING,):
            assert ask(world, client, asked, world.group, missing, member) == seen, (str(row), missing)
    person = world.people[OUTSIDE[role]]
    for name in ON_A_MEMBER:
        # About themselves, who are nobody there.
        for room_id in (world.group.pk, MISSING):
            assert ask(world, client, Row(name, "post", 0, 0, 0), world.group, room_id, person.pk).answer[0] == 404, (
                name
            )
    assert not messages_in(person, world.group).exists()


@pytest.mark.parametrize("role", ["who left", "who was excluded", "unlinked stranger"])
@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"hx-request": "true"}], ids=["json", "htmx"])
def test_i01_scripts_are_answered_the_same(world: World, role: str, headers: dict[str, str]) -> None:
    person = world.people[OUTSIDE[role]]
    client = Client(headers=headers)
    client.force_login(person, backend="accounts.backends.Backend")
    for row in in_turn(TABLE, list(OUTSIDE).index(role) + ("accept" in headers), of=2):
        seen = ask(world, client, row, world.group, world.group.pk, world.people[row.target].pk)
        assert (seen.answer[0], seen.changed) == (404, set()), (str(row), seen.answer)
        assert ask(world, client, row, world.group, MISSING, world.people[row.target].pk) == seen, str(row)


def test_i01_signed_out_every_address_leads_to_the_sign_in(world: World) -> None:
    client = Client()
    for row in TABLE:
        for room_id in (world.group.pk, MISSING):
            seen = ask(world, client, row, world.group, room_id, world.people[row.target].pk)
            assert (seen.answer[0], seen.changed, seen.audited) == (302, set(), 0), str(row)
            assert seen.answer[1].startswith(SIGN_IN)


def test_i01_a_deactivated_member_is_signed_out(world: World) -> None:
    client = signed_in(world.people["ito"])
    deactivate_member(member=User.objects.get(pk=world.people["ito"].pk), actor=None)
    for row in TABLE:
        seen = ask(world, client, row, world.group, world.group.pk, world.people["lee"].pk)
        assert (seen.answer[0], seen.changed) == (302, set()), str(row)
        assert seen.answer[1].startswith(SIGN_IN)


@pytest.mark.parametrize("role", INSIDE)
def test_i01_somebody_who_is_not_in_the_room_is_answered_like_a_random_id(world: World, role: str) -> None:
    who = INSIDE[role]
    client = signed_in(world.people[who])
    others = in_turn(OUTSIDE.values(), list(INSIDE).index(role), of=2)
    for name in ON_A_MEMBER:
        row = Row(name, "post", 404, 404, 403)
        answers = {
            str(member): ask(world, client, row, world.group, world.group.pk, member)
            for member in (MISSING, 0, HUGE, *(world.people[name].pk for name in others))
        }
        seen = answers[str(MISSING)]
        assert (seen.answer[0], seen.changed, seen.audited) == (row.outcome(who), set(), 0), name
        assert {member for member, answer in answers.items() if answer != seen} == set(), name


# Whom Kim tries to add, and whether they come in.
ADDED = {
    "friend": {"friend: in", "1 line"},
    "han": {"han: in", "1 line"},
    "left": 400,
    "abe": 400,
    "tran": 400,
    "operator": 400,
    "bad": 403,
    "shy": 400,
    "ito": 400,
    "lee": set(),
}


@pytest.mark.parametrize("name", ADDED)
def test_who_can_be_added(world: World, name: str) -> None:
    client = signed_in(world.people["kim"])

    def add(person: int) -> Seen:
        row = Row("add_members", "post", 0, 0, 0, form={"do": "ok", "people": person})
        return ask(world, client, row, world.group, world.group.pk, person)

    seen, expected = add(world.people[name].pk), ADDED[name]
    assert seen.changed == (expected if isinstance(expected, set) else set())
    assert seen.answer[0] == (302 if isinstance(expected, set) else expected), seen.answer
    if expected == 400 and name != "shy":
        # Who is neither a contact nor a colleague: the same as nobody.
        nobody = add(MISSING)
        assert without(seen, world.people[name].pk) == without(nobody, MISSING)


def without(seen: Seen, pk: int) -> tuple[int, str]:
    return seen.answer[0], seen.answer[3].replace(f'"{pk}"', "…")


def test_i15_a_block_is_not_told_by_a_refusal_to_add(world: World) -> None:
    """A contact who has blocked the Master is refused in the same words as someone who does not exist."""
    client = signed_in(world.people["kim"])
    said = []
    for person in (world.people["shy"].pk, MISSING):
        row = Row("add_members", "post", 0, 0, 0, form={"do": "ok", "people": person})
        text = ask(world, client, row, world.group, world.group.pk, person).answer[3]
        said.append(re.findall(r'class="error"[^>]*>([^<]+)<|role="alert"[^>]*>([^<]+)<', text))
    assert said[0] == said[1]
    assert said[0]


# A 1:1 room: frozen (Kim and Sato), open (Lee and Sato). Whoever is in it may read it; nobody manages it.
DIRECT = [
    *((name, "get", 200, 200) for name in ("room", "header", "foot", "timeline", "changes", "details", "members")),
    ("photo", "get", 404, 404),
    *((name, method, 403, 403) for name in ("edit", "add_members") for method in ("get", "post")),
    *((name, "post", 403, 403) for name in ("remove_member", "make_master", "hand_over", "step_down", "leave")),
    ("settings", "post", MINE, MINE),
    ("send", "post", 403, {"{me} said", *MINE}),
    ("read", "post", MINE, set()),
    ("reconnect", "post", {"frozen_at", "1 line"}, set()),
]
FORMS = {row.name: row.form for row in TABLE}


@pytest.mark.parametrize("which", ["frozen", "direct"])
def test_a_direct_room_is_read_by_its_two_people_and_managed_by_nobody(world: World, which: str) -> None:
    assert {name for name, *_rest in DIRECT} == ROOM_PATTERNS.keys()
    room = getattr(world, which)
    for who in ("kim" if which == "frozen" else "lee", "sato"):
        client = signed_in(world.people[who])
        for name, method, frozen, is_open in DIRECT:
            row = Row(name, method, 0, 0, 0, form=FORMS[name])
            expected = frozen if which == "frozen" else is_open
            seen = ask(world, client, row, room, room.pk, world.people["sato"].pk)
            if isinstance(expected, int):
                assert (seen.answer[0], seen.changed, seen.audited) == (expected, set(), 0), (name, method, who)
            else:
                assert seen.answer[0] in (302, 204), (name, method, who, seen.answer)
                assert seen.changed == {change.format(me=who) for change in expected}, (name, method, who)


@pytest.mark.parametrize("which", ["frozen", "direct"])
def test_i01_a_direct_room_is_nothing_to_anyone_else(world: World, which: str) -> None:
    room = getattr(world, which)
    outsider = "lee" if which == "frozen" else "kim"
    for who in (outsider, "admin"):
        client = signed_in(world.people[who])
        for row in {str(row): row for row in TABLE}.values():
            seen = ask(world, client, row, room, room.pk, world.people["sato"].pk)
            assert (seen.answer[0], seen.changed, seen.audited) == (404, set(), 0), (str(row), who)
            assert ask(world, client, row, room, MISSING, world.people["sato"].pk) == seen, (str(row), who)


# When no one from the hosting company is left the room is for reading, also for a guest who is Master.
FROZEN_GROUP: dict[tuple[str, str], Outcome] = {
    **dict.fromkeys(((row.name, "get") for row in TABLE if row.method == "get" and row.member == 200), 200),
    ("send", "post"): 403,
    ("add_members", "post"): 403,
    ("edit", "post"): 403,
    ("make_master", "post"): 403,
    ("hand_over", "post"): 403,
    ("step_down", "post"): 403,
    ("leave", "post"): {"{me}: out", "1 line"},
    ("settings", "post"): MINE,
    ("read", "post"): MINE,
    ("reconnect", "post"): 404,
}


@pytest.mark.parametrize("who", ["sato", "ito"])
def test_a_frozen_group_room_is_read_and_not_written_to(world: World, who: str) -> None:
    for name in ("kim", "lee"):
        leave_room(member=world.people[name], room_id=world.group.pk)
    client, wrong = signed_in(world.people[who]), {}
    for (name, method), expected in FROZEN_GROUP.items():
        form = FORMS[name] | ({"people": world.people["abe"].pk} if name == "add_members" else {})
        row = Row(name, method, expected, expected, expected, form=form)
        seen = ask(world, client, row, world.group, world.group.pk, world.people["oka"].pk)
        outcome = row.outcome(who)
        if (row.name, who, seen.answer[0]) == ("edit", "sato", 400):
            # The form comes back with the reason.
            outcome = 400
        if (seen.changed, seen.answer[0]) != (
            (set(), outcome) if isinstance(outcome, int) else (outcome, seen.answer[0])
        ):
            wrong[str(row)] = (seen.answer[0], seen.changed)
    assert wrong == {}


def test_i15_what_a_blocked_member_says_reaches_everyone_but_the_blocker(world: World) -> None:
    signed_in(world.people["oka"]).post(reverse("messaging:send", args=[world.group.pk]), {"body": "psst"})
    heard = {
        name
        for name in INSIDE.values()
        if messages_in(world.people[name], world.group).filter(kind="text", body="psst").exists()
    }
    assert heard == {"sato", "lee", "ito", "oka"}
    assert "psst" not in signed_in(world.people["kim"]).get(f"/messages/{world.group.pk}/timeline").content.decode()


def test_i04_nothing_of_the_room_reaches_the_list_of_who_is_out(world: World) -> None:
    for name in OUTSIDE.values():
        if name == "operator":
            continue
        page = signed_in(world.people[name]).get("/messages/", {"q": "Room"})
        assert world.group.pk not in {row.id for row in page.context["rooms"]}, name
    assert ExternalContact.objects.filter(owner=world.people["kim"], closed_at=None).count() == 3
