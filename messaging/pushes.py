"""The pushes about a change in a room."""

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol

from messaging.message import wire
from messaging.message.html import Author
from messaging.message.markup import preview
from messaging.message.row import MessageRow
from messaging.models import Message
from worksbridge.live.push import push_text


def preview_of(message: MessageRow, author: str) -> dict[str, Any]:
    """The room list's preview of a message by an author of that name; for a system message the event."""
    shown = {} if message.kind == Message.Kind.TEXT else {"event": message.event}
    return shown | {
        "seq": message.seq,
        "text": preview(message.body),
        "at": message.created_at.isoformat(),
        "author": message.author_id,
        "name": author,
        "ordinal": message.ordinal,
    }


class Revised(Protocol):
    """A room, or what is known of it."""

    @property
    def pk(self) -> int:
        """Its id."""

    @property
    def rev(self) -> int:
        """Its current revision."""


def push_room(
    room: Revised,
    recipients: Collection[int],
    *,
    after: int,
    rows: Sequence[MessageRow],
    authors: Mapping[int, Author],
    refresh: bool,
) -> None:
    """Push what changed in `room` from revision `after` to `room.rev`; call it inside the transaction.

    `refresh` asks the pages to fetch the room's header and foot again.
    """
    head: dict[str, Any] = {"type": "room", "room": room.pk, "after": after, "rev": room.rev, "refresh": refresh}
    if rows:
        # Of the newest. It may still be an old one that was changed: the list compares its number with its own.
        last = max(rows, key=attrgetter("seq"))
        author = authors.get(last.author_id or 0)
        head["preview"] = preview_of(last, author.name if author else "")
    push_text(recipients, wire.frame(head, rows))
