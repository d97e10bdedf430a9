"""What a change of a company's side ends, counted the same way before and after."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass
class Impact:
    """Filled by the receivers that end something: contacts closed, people of frozen 1:1 rooms, and so on, all by id."""

    partners: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    contacts: int = 0
    # The two people of each 1:1 room that can only be read from then on.
    frozen: list[tuple[int, int]] = field(default_factory=list)
    # The number of group rooms each person is excluded from, and those rooms.
    excluded: Counter[int] = field(default_factory=Counter)
    rooms: set[int] = field(default_factory=set)
    # For each call (by id) the people who are removed from it.
    calls: dict[int, list[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.partners, self.members, self.contacts, self.frozen, self.excluded, self.calls))

    def end_call(self, call_id: int, people: Iterable[int]) -> None:
        """Remove these people from a call."""
        self.calls.setdefault(call_id, []).extend(people)

    def stored(self) -> dict[str, Any]:
        """As a closing keeps it."""
        return {
            "partners": sorted(self.partners),
            "members": sorted(self.members),
            "contacts": self.contacts,
            "frozen": sorted(list(pair) for pair in self.frozen),
            "excluded": {str(member): count for member, count in sorted(self.excluded.items())},
            "rooms": sorted(self.rooms),
            "calls": {str(call): sorted(people) for call, people in sorted(self.calls.items())},
        }


def read_impact(stored: Mapping[str, Any]) -> Impact:
    """`Impact` from what a closing keeps."""
    return Impact(
        partners=stored.get("partners", []),
        members=stored.get("members", []),
        contacts=stored.get("contacts", 0),
        frozen=[(low, high) for low, high in stored.get("frozen", [])],
        excluded=Counter({int(member): count for member, count in stored.get("excluded", {}).items()}),
        rooms=set(stored.get("rooms", [])),
        calls={int(call): people for call, people in stored.get("calls", {}).items()},
    )


def together(parts: Iterable[Impact]) -> Impact:
    """The combined impact of consecutive changes."""
    all_of_it = Impact()
    for part in parts:
        all_of_it.partners += part.partners
        all_of_it.members += part.members
        all_of_it.contacts += part.contacts
        all_of_it.frozen += part.frozen
        all_of_it.excluded += part.excluded
        all_of_it.rooms |= part.rooms
        for call, people in part.calls.items():
            all_of_it.end_call(call, people)
    return all_of_it


def figures(impact: Impact) -> list[str]:
    """What happens, as short parts of a sentence: "freezes 42 rooms", "ends 2 calls". Empty when nothing does."""
    parts = [
        (len(impact.partners), _closes(len(impact.partners))),
        (len(impact.members), _takes(len(impact.members))),
        (len(impact.frozen), _freezes(len(impact.frozen))),
        (len(impact.excluded), _excludes(len(impact.excluded), len(impact.rooms))),
        (len(impact.calls), _ends(len(impact.calls))),
        (impact.contacts, _greys(impact.contacts)),
    ]
    return [text for count, text in parts if count]


def _closes(count: int) -> str:
    return ngettext("closes the link with %d company", "closes the links with %d companies", count) % count


def _takes(count: int) -> str:
    text = ngettext("removes external connection from %d member", "removes external connection from %d members", count)
    return text % count


def _freezes(count: int) -> str:
    return ngettext("freezes %d room", "freezes %d rooms", count) % count


def _excludes(people: int, rooms: int) -> str:
    who = ngettext("excludes %d person", "excludes %d people", people) % people
    where = ngettext("from %d group room", "from %d group rooms", rooms) % rooms
    return _("%(who)s %(where)s") % {"who": who, "where": where}


def _ends(count: int) -> str:
    return ngettext("ends %d call", "ends %d calls", count) % count


def _greys(count: int) -> str:
    return ngettext("closes %d external contact", "closes %d external contacts", count) % count
