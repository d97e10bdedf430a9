"""What a change in a room looks like on its way to the open pages."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from operator import attrgetter
from typing import Any, Protocol

from django.utils import timezone

from messaging.models import Message
from messaging.rendering import Author, authors_by_id, render_message
from messaging.said import Said
from messaging.search.lagging import lagging
from messaging.text import preview
from worksbridge.live.push import push_text


def item_text(message: Message | Said, author: Author | None = None, zone: tzinfo | None = None) -> str:
    """A message as JSON, as pushes, answers and catching up carry it; made once for all of them.

    `author` and `zone` as in `render_message`.
    """
    if not message.item_text:
        html = to_json(render_message(message, author, zone))
        message.item_text = f'{{"seq":{message.seq},"rev":{message.rev},"kind":"{message.kind}","html":{html}}}'
    return message.item_text


def item_texts(messages: Sequence[Message | Said], authors: Mapping[int, Author] | None = None) -> list[str]:
    """Those of several messages, whose authors are looked up together unless they are given."""
    if authors is None:
        authors = authors_by_id({message.author_id for message in messages if message.author_id})
    zone = timezone.get_current_timezone()
    return [item_text(message, authors.get(message.author_id or 0), zone) for message in messages]


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def to_json(value: object) -> str:
    """As frames carry it."""
    return _encoder.encode(value)


def preview_of(message: Message | Said, author: str) -> dict[str, Any]:
    """What the room list shows of a message by somebody of that name."""
    return {
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
        """The revision at which it stands now."""


def push_room(
    room: Revised,
    recipients: Iterable[int],
    *,
    after: int,
    messages: Sequence[Message | Said] = (),
    refresh: bool = False,
    author: str | None = None,
) -> None:
    """Push the change of `room` from revision `after` to `room.rev`; call it inside the transaction.

    `refresh` asks the pages to fetch the room's header and foot again; `author` is the name of whoever wrote the
    last message, where it is known without looking.
    """
    frame: dict[str, Any] = {"type": "room", "room": room.pk, "after": after, "rev": room.rev, "refresh": refresh}
    if messages:
        # Of the newest. It may still be an old one that was changed: the list compares its number with its own.
        last = max(messages, key=attrgetter("seq"))
        if author is None:
            author = last.author.name if isinstance(last, Message) and last.author else ""
        frame["preview"] = preview_of(last, author)
    items = ",".join(item_text(message) for message in messages)
    push_text(recipients, f'{to_json(frame)[:-1]},"items":[{items}]}}')
    lagging.note(room.pk)
