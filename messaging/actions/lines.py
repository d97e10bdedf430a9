"""Writing lines into rooms."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from messaging.lines import Line
from messaging.message.row import MessageRow
from messaging.models import Message, Room
from messaging.moments import time_by_database


def add_lines(lines: Mapping[int, Sequence[Line]], rooms: Sequence[Room]) -> dict[int, list[MessageRow]]:
    """Write lines into locked rooms, each taking the next revision. `lines` maps a room's id to its lines.

    Returns the new messages of each room. The caller pushes, and has locked the rooms. Three queries.
    """
    now = time_by_database()
    made: dict[int, list[Message]] = {}
    for room in rooms:
        room.active_at = max(now, room.active_at)
        made[room.pk] = [_message(room, line, room.active_at) for line in lines.get(room.pk, ())]
    Message.objects.bulk_create([message for messages in made.values() for message in messages])
    Room.objects.bulk_update(rooms, ["rev", "active_at"])
    return {room_id: [MessageRow.of(message) for message in messages] for room_id, messages in made.items()}


def _message(room: Room, line: Line, now: datetime) -> Message:
    room.rev += 1
    return Message(
        room=room,
        seq=room.rev,
        rev=room.rev,
        ordinal=room.ordinal,
        kind=Message.Kind.LINE,
        body=line.body,
        data={"people": {str(person.pk): [person.name, person.company_id] for person in line.people}},
        html=line.html,
        created_at=now,
    )
