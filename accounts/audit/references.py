"""Which ids entries hold, and of what."""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from itertools import islice
from typing import Any


class Kind(Enum):
    """Kinds of objects with a name that are stored as an id."""

    PERSON = auto()
    COMPANY = auto()
    DEPARTMENT = auto()
    ROOM = auto()


KINDS = {
    "by": Kind.PERSON,
    "contacts": Kind.PERSON,
    "department": Kind.DEPARTMENT,
    "department_id": Kind.DEPARTMENT,
    "departments": Kind.DEPARTMENT,
    "hosting": Kind.COMPANY,
    "member": Kind.PERSON,
    "members": Kind.PERSON,
    "parent_id": Kind.DEPARTMENT,
    "partner": Kind.COMPANY,
    "partners": Kind.COMPANY,
    "person": Kind.PERSON,
    "room": Kind.ROOM,
    "rooms": Kind.ROOM,
}
# Fields that hold such fields themselves. Not `filters`: its values come from a typed address.
PARTS = ("before", "after", "grants")
DECISION = "decision about "


def decided_about(field: str) -> int | None:
    """The company that a decision field is about; None for other fields."""
    pk = field.removeprefix(DECISION)
    return int(pk) if pk != field and pk.isdecimal() else None


def numbers(value: object) -> Iterator[int]:
    """The ids in a value: one, or a list of them, or a list of pairs."""
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def held(data: Mapping[str, Any], most: int | None = None) -> Iterator[tuple[Kind, int]]:
    """The ids in an entry's data; of people at most so many for each field (None: all)."""
    for field, value in data.items():
        partner = decided_about(field)
        if partner is not None:
            yield Kind.COMPANY, partner
        elif isinstance(value, dict) and field in PARTS:
            yield from held(value, most)
        elif isinstance(value, dict) and field == "rooms":
            yield from _in_rooms(value, most)
        elif field in KINDS:
            kind = KINDS[field]
            yield from ((kind, pk) for pk in islice(numbers(value), most if kind is Kind.PERSON else None))


def _in_rooms(rooms: Mapping[str, Any], most: int | None) -> Iterator[tuple[Kind, int]]:
    """Rooms, with the people the entry is about in each."""
    yield from ((Kind.ROOM, int(pk)) for pk in rooms)
    yield from ((Kind.PERSON, pk) for pk in islice(numbers(list(rooms.values())), most))
