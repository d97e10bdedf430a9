"""Lines in a room: what happened to it, for everyone to see."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from messaging.models import Message, Room


def add_lines(texts: Mapping[int, Sequence[str]], rooms: Sequence[Room]) -> dict[int, list[Message]]:
    """Write lines into locked rooms, each taking the next revision. `texts` maps a room's id to its lines.

    Returns the new messages of each room. The caller pushes, and has locked the rooms. Two queries.
    """
    now = timezone.now()
    made: dict[int, list[Message]] = {}
    for room in rooms:
        made[room.pk] = [_line(room, text, now) for text in texts[room.pk]]
        room.active_at = now
    Message.objects.bulk_create([message for messages in made.values() for message in messages])
    Room.objects.bulk_update(rooms, ["rev", "active_at"])
    return made


def _line(room: Room, text: str, now: datetime) -> Message:
    room.rev += 1
    return Message(
        room=room,
        seq=room.rev,
        rev=room.rev,
        ordinal=room.ordinal,
        kind=Message.Kind.LINE,
        body=text,
        html=html.escape(text),
        created_at=now,
    )
