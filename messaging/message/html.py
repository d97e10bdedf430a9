"""A message's HTML, the same for every viewer, as pushes and catching up carry it.

The template that pages use is rendered once for each author, with blanks where messages differ; after that a message
only fills the blanks. The author's looks are part of the key, so a new name or photo shows immediately.
"""

import datetime as dt
import re
import secrets
from collections.abc import Collection
from functools import lru_cache
from types import SimpleNamespace
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from accounts.models import User
from messaging.message.row import MessageRow
from messaging.models import Message

TEMPLATE = "messaging/_message.html"
# The placeholder for the time of a message in a stencil; no message is that old.
_THEN = dt.datetime(1901, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
# The prefix of a blank's name: no person's name can contain it.
_MARK = f"blank-{secrets.token_hex(16)}-"
_LAYOUT = re.compile(r"\s*\n\s*")
_BETWEEN_ATTRIBUTES = re.compile(r"\s*\n\s*(?=[a-z-]+=\")")
_BLANKS = ("room_id", "seq", "rev", "client_id", "html")


class Author(NamedTuple):
    """The author of a message as shown."""

    pk: int
    name: str
    photo: str
    company_id: int | None
    company_name: str

    @classmethod
    def of(cls, user: User) -> "Author":
        """The author that a member is; reads their company."""
        return cls(user.pk, user.name, str(user.photo), user.company_id, user.company.name if user.company else "")


def authors_by_id(ids: Collection[int]) -> dict[int, Author]:
    """The authors as shown now."""
    columns = ("pk", "name", "photo", "company_id", "company__name")
    rows = User.objects.filter(pk__in=ids).order_by().values_list(*columns)
    return {pk: Author(pk, name, photo or "", company, named or "") for pk, name, photo, company, named in rows}


def render_message(row: MessageRow, author: Author | None) -> str:
    """The HTML of a message by `author`, or of a system message, which has none.

    It contains no translated text, no clock time, nothing that depends on the viewer: the page adds those.
    """
    if row.kind != Message.Kind.TEXT or author is None:
        return squeeze(get_template(TEMPLATE).render({"message": row}))
    return _stencil(author) % {
        "room_id": row.room_id,
        "seq": row.seq,
        "rev": row.rev,
        "client_id": row.client_id,
        "html": row.html,
        "at": row.created_at.astimezone(dt.UTC).isoformat(),
    }


def squeeze(markup: str) -> str:
    """The template's HTML without layout white space: line breaks, and the spaces around them."""
    return _LAYOUT.sub("", _BETWEEN_ATTRIBUTES.sub(" ", markup))


@lru_cache(maxsize=4096)
def _stencil(author: Author) -> str:
    """The template as a format for `%`, with a name for each blank."""
    who = SimpleNamespace(**author._asdict(), company=SimpleNamespace(name=author.company_name))
    blanks = {name: mark_safe(f"{_MARK}{name}.") for name in _BLANKS}  # noqa: S308  (no text of anybody's)
    message = SimpleNamespace(**blanks, kind="text", author_id=author.pk, author=who, created_at=_THEN)
    text = squeeze(get_template(TEMPLATE).render({"message": message}))
    # Only within their surrounding markup: a name may look like a time, but it is escaped.
    text = text.replace("%", "%%").replace(f'"{_THEN.isoformat()}"', '"%(at)s"')
    for name, blank in blanks.items():
        text = text.replace(blank, f"%({name})s")
    return text
