"""System messages: what happened to a room, as an event without text in any language.

Readers get a sentence in their own language, with the names by which they know people. The server makes it for
pages and for the room list; `static/js/lib/system.js` makes it of what is pushed. `tests/js/system.json` has what both
make of the same events.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple, TypeAlias

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from messaging.message.sentences import SENTENCES

# More names than this are counted instead of listed.
NAMED = 3
MINUTE = 60
_FIELD = re.compile(r"\{(\w+)\}")


class Word(str):
    """A part that is a sentence of its own, by its name in the table."""

    __slots__ = ()


class Seconds(int):
    """A part that is a length of time."""

    __slots__ = ()


Part: TypeAlias = User | Sequence[User] | str | Word | Seconds


class SystemMessage:
    """An event with its parts: persons, texts, lengths of time. `by` is the actor, if there is one."""

    def __init__(self, event: str, /, about: Mapping[str, Any] | None = None, **parts: Part) -> None:
        """`about` is extra data for scripts. Raises ValueError for an unknown event or unknown parts."""
        self.event, self.parts, self.about = event, parts, about or {}
        if event not in SENTENCES or set(_FIELD.findall(str(SENTENCES[event]))) != parts.keys():
            raise ValueError(f"{event} does not have the parts {', '.join(parts)}")

    @property
    def by(self) -> User | None:
        """The actor."""
        found = self.parts.get("by")
        return found if isinstance(found, User) else None

    def data(self) -> dict[str, Any]:
        """What is stored and pushed: `people` and `companies` hold the names at that time."""
        people = [person for part in self.parts.values() for person in _named(part)]
        return {
            "event": self.event,
            "parts": {name: _stored(part) for name, part in self.parts.items()},
            "people": {str(person.pk): [person.name, person.company_id] for person in people},
            "companies": {str(one.company.pk): one.company.name for one in people if one.company},
            **self.about,
        }


def _named(part: Part) -> Sequence[User]:
    if isinstance(part, User):
        return (part,)
    return () if isinstance(part, str | int) else part[:NAMED]


def _stored(part: Part) -> dict[str, Any]:
    if isinstance(part, Word):
        return {"word": str(part)}
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, Seconds):
        return {"seconds": int(part)}
    people = _named(part)
    more = 0 if isinstance(part, User) else len(part) - len(people)
    return {"people": [person.pk for person in people], **({"more": more} if more else {})}


class Person(NamedTuple):
    """A named person, as shown: `company` is empty for the reader's own."""

    pk: int
    name: str
    company_id: int | None
    company: str


def to_text(data: Mapping[str, Any], *, company_id: int | None, names: Mapping[int, str]) -> str:
    """The sentence as plain text, for a reader of this company who calls people by `names`."""
    return _filled(data, _Style(str, _text_of), company_id, names)


def to_html(data: Mapping[str, Any], *, company_id: int | None, names: Mapping[int, str]) -> SafeString:
    """The same as HTML, with each person's name marked up."""
    return mark_safe(_filled(data, _Style(_escaped, _html_of), company_id, names))  # noqa: S308  (each part is escaped)


class _Style(NamedTuple):
    text: Callable[[str], str]
    person: Callable[[Person], str]


def _escaped(text: str) -> str:
    return str(escape(text))


def _text_of(person: Person) -> str:
    return f"{person.name} ({person.company})" if person.company else person.name


def _html_of(person: Person) -> str:
    name = format_html('<bdi class="person-name" data-person="{}">{}</bdi>', person.pk, person.name)
    if not person.company:
        return str(name)
    badge = '<bdi class="badge badge--ext company-badge" data-company="{}">{}</bdi>'
    return f"{name} {format_html(badge, person.company_id, person.company)}"


def _filled(data: Mapping[str, Any], style: _Style, company_id: int | None, names: Mapping[int, str]) -> str:
    companies = data.get("companies", {})
    people = {
        int(pk): Person(
            int(pk),
            names.get(int(pk)) or name,
            company,
            "" if company == company_id else companies.get(str(company), ""),
        )
        for pk, (name, company) in data.get("people", {}).items()
    }
    parts = data.get("parts", {})
    return _fill(style, _sentence(data), {name: partial(_part, style, part, people) for name, part in parts.items()})


def _sentence(data: Mapping[str, Any]) -> str:
    event = data.get("event", "")
    counts = [len(part["people"]) + part.get("more", 0) for part in data.get("parts", {}).values() if "people" in part]
    one = SENTENCES.get(f"{event}.one") if 1 in counts else None
    return str(one or SENTENCES.get(event, event))


def _fill(style: _Style, sentence: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """The sentence with its fields filled in; every second piece is the name of a field."""
    pieces = _FIELD.split(sentence)
    return "".join(
        parts[piece]() if index % 2 and piece in parts else style.text(piece) for index, piece in enumerate(pieces)
    )


def _part(style: _Style, part: Mapping[str, Any], people: Mapping[int, Person]) -> str:
    if "people" in part:
        found = [people[pk] for pk in part["people"] if pk in people]
        return _list(style, [style.person(one) for one in found], part.get("more", 0))
    if "seconds" in part:
        return style.text(length_text(part["seconds"]))
    return style.text(str(SENTENCES.get(part["word"], "")) if "word" in part else part.get("text", ""))


def _list(style: _Style, names: Sequence[str], more: int) -> str:
    """ "A", "A and B", "A, B and C", "A, B, C and 4 others"."""

    def joined(key: str, head: str, last: str) -> str:
        return _fill(style, str(SENTENCES[key]), {"list": lambda: head, "last": lambda: last, "n": lambda: last})

    if not names:
        return ""
    if more:
        head = reduce(partial(joined, "list.comma"), names)
        return joined("list.more" if more > 1 else "list.more.one", head, style.text(str(more)))
    if len(names) < 2:  # noqa: PLR2004  (one name is no list)
        return "".join(names)
    return joined("list.and", reduce(partial(joined, "list.comma"), names[:-1]), names[-1])


def length_text(seconds: int) -> str:
    """`192` as "3 min 12 s", in the current language."""
    minutes, rest = divmod(seconds, MINUTE)
    hours, left = divmod(minutes, MINUTE)
    if hours:
        return str(SENTENCES["length.hours"]).format(h=hours, min=left)
    return str(SENTENCES["length.minutes" if minutes else "length.seconds"]).format(min=minutes, s=rest)
