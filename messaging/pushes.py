"""What a change in a room looks like on its way to the open pages."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.template.loader import get_template

from messaging.models import Message, Room
from messaging.search.lagging import lagging
from messaging.text import preview
from worksbridge.live.push import push


def render_message(message: Message) -> str:
    """The message's HTML: the same partial, for every viewer, that the page renders."""
    return get_template("messaging/_message.html").render({"message": message})


def item(message: Message) -> dict[str, Any]:
    """A message as pushes, answers and catching up carry it."""
    return {"seq": message.seq, "rev": message.rev, "kind": message.kind, "html": render_message(message)}


def preview_of(message: Message) -> dict[str, Any]:
    """What the room list shows of a message."""
    return {
        "text": preview(message.body),
        "at": message.created_at.isoformat(),
        "author": message.author_id,
        "name": message.author.name if message.author else "",
        "ordinal": message.ordinal,
    }


def push_room(
    room: Room, recipients: Iterable[int], *, after: int, messages: Sequence[Message] = (), refresh: bool = False
) -> None:
    """Push the change of `room` from revision `after` to `room.rev`; call it inside the transaction.

    `refresh` asks the pages to fetch the room's header and foot again.
    """
    frame: dict[str, Any] = {"type": "room", "room": room.pk, "after": after, "rev": room.rev, "refresh": refresh}
    frame["items"] = [item(message) for message in messages]
    if messages:
        frame["preview"] = preview_of(messages[-1])
    push(recipients, frame)
    lagging.note(room.pk)
