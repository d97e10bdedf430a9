"""What a change in a room looks like on its way to the open pages."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from messaging.models import Message, Room
from messaging.rendering import Author, authors_by_id, render_message
from messaging.search.lagging import lagging
from messaging.text import preview
from worksbridge.live.push import push_text


def item(message: Message, author: Author | None = None) -> dict[str, Any]:
    """A message as pushes, answers and catching up carry it. `author` saves looking them up through the message."""
    return {"seq": message.seq, "rev": message.rev, "kind": message.kind, "html": render_message(message, author)}


def item_text(message: Message, author: Author | None = None) -> str:
    """The same as JSON, made once for the push and for the answer to the sender."""
    if not message.item_text:
        message.item_text = to_json(item(message, author))
    return message.item_text


def item_texts(messages: Sequence[Message]) -> list[str]:
    """Those of several messages, whose authors are looked up together."""
    authors = authors_by_id({message.author_id for message in messages if message.author_id})
    return [item_text(message, authors.get(message.author_id or 0)) for message in messages]


def to_json(value: object) -> str:
    """As frames carry it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def preview_of(message: Message, author: str) -> dict[str, Any]:
    """What the room list shows of a message by somebody of that name."""
    return {
        "text": preview(message.body),
        "at": message.created_at.isoformat(),
        "author": message.author_id,
        "name": author,
        "ordinal": message.ordinal,
    }


def push_room(
    room: Room,
    recipients: Iterable[int],
    *,
    after: int,
    messages: Sequence[Message] = (),
    refresh: bool = False,
    author: str | None = None,
) -> None:
    """Push the change of `room` from revision `after` to `room.rev`; call it inside the transaction.

    `refresh` asks the pages to fetch the room's header and foot again; `author` is the name of whoever wrote the
    last message, where it is known without looking.
    """
    frame: dict[str, Any] = {"type": "room", "room": room.pk, "after": after, "rev": room.rev, "refresh": refresh}
    if messages:
        last = messages[-1]
        if author is None:
            author = last.author.name if last.author else ""
        frame["preview"] = preview_of(last, author)
    items = ",".join(item_text(message) for message in messages)
    push_text(recipients, f'{to_json(frame)[:-1]},"items":[{items}]}}')
    lagging.note(room.pk)
