"""The sentences that rooms keep about what happened to them, with the people in them as links to their names.

Stored once and shown to everyone: each page puts its viewer's own names for people in, and takes the badge of the
viewer's own company out.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html

from accounts.models import User

# More names than this are counted instead of listed.
NAMED = 3
_FIELD = re.compile(r"\{(\w+)\}")
Part = User | Sequence[User] | str


@dataclass(frozen=True)
class Line:
    """One sentence: `body` as text for search, `html` for the page, and the people who are named in it."""

    body: str
    html: str
    people: tuple[User, ...] = ()


def line(sentence: str, **parts: Part) -> Line:
    """`sentence` with its `{fields}` filled in: a person, several people, or a text."""
    body = _FIELD.sub(lambda found: _text(parts[found[1]]), sentence)
    pieces = _FIELD.split(sentence)
    # Every second piece is the name of a field.
    marked = "".join(
        _html(parts[piece]) if index % 2 else html.escape(piece, quote=False) for index, piece in enumerate(pieces)
    )
    return Line(body, marked, tuple(person for part in parts.values() for person in _people(part)))


def _people(part: Part) -> Sequence[User]:
    if isinstance(part, str):
        return ()
    return (part,) if isinstance(part, User) else part[:NAMED]


def _text(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, User):
        return f"{part.name} ({part.company.name})" if part.company else part.name
    return _joined([_text(person) for person in part[:NAMED]], len(part))


def _html(part: Part) -> str:
    if isinstance(part, str):
        return html.escape(part, quote=False)
    if isinstance(part, User):
        return _person(part)
    return _joined([_person(person) for person in part[:NAMED]], len(part))


def _person(person: User) -> str:
    name = format_html('<span class="person-name" data-person="{}">{}</span>', person.pk, person.name)
    if person.company is None:
        return str(name)
    badge = '<span class="badge badge--ext company-badge" data-company="{}">{}</span>'
    return f"{name} {format_html(badge, person.company_id, person.company.name)}"


def _joined(names: list[str], total: int) -> str:
    if total > len(names):
        rest = total - len(names)
        return f"{', '.join(names)} and {rest} {'other' if rest == 1 else 'others'}"
    return names[0] if total == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
