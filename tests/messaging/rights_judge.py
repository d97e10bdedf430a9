"""Looks at the rooms when a right has ended: who is out, what everyone sees and is told, and what goes on."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from contacts.models import ExternalContact
from federation.models import Availability, Link
from messaging.access import messages_in
from messaging.actions.read import mark_read
from messaging.actions.send import Draft, send_messages
from messaging.frames import _heads, _presence, _read, _typing
from messaging.models import Membership, Message, Room
from messaging.pages.conversation import view_room
from messaging.pages.room_list import Filter, list_mark, room_rows
from messaging.pages.rooms_with import rooms_with_exactly
from messaging.readers import readers_told
from tests.messaging.rights import GROUPS, PAIRS, Expected, World, guest_master, inside, say, unread
from tests.words import words_of
from worksbridge.errors import NotFound, Refused

# Behind everything that was said.
LAST = 987_654_321


def revisions(world: World) -> dict[str, int]:
    return {key: room.rev for key, room in world.fresh_rooms().items()}


def everything() -> dict[str, list[Any]]:
    """All rows that consent and rooms are made of."""
    models = (Room, Membership, Message, ExternalContact, Link, Availability)
    found = {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}
    return found | {"User": list(User.objects.order_by("pk").values_list("pk", "is_active", "department"))}


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
        mark_read(member_id=world.people[active[key][0]].pk, room_id=world.rooms[key].pk, seq=LAST)
        world.read[key, active[key][0]] = len(world.said[key])
    marks = list_marks(world)
    say(world, {key: [active[key][-1]] for key in going_on})
    heard = {name for key in going_on for name in expected.staying(key)}
    assert {name for name, mark in list_marks(world).items() if mark != marks[name]} == heard
    for name, person in world.people.items():
        waiting = {world.key_of(row.id): row.unread for row in room_rows(person)}
        assert waiting == {key: unread(world, key, name) for key in world.rooms if name in expected.staying(key)}
