"""Storing a batch of messages with one statement, whatever its size.

Plain SQL: the ORM has no way to update many rows with values of their own but a CASE for each column, which cost more
than all the rest of sending. Rows travel as JSON: arrays would be bound element by element.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from django.db import connection

from messaging.message.row import COLUMNS, MessageRow, column_types
from messaging.models import Message, Withheld

_STORE = """
WITH stored AS (
    INSERT INTO messaging_message ({columns})
    SELECT {columns} FROM json_to_recordset(%s::json) AS row ({types})
    RETURNING id, room_id, seq
), heads AS (
    UPDATE messaging_room SET rev = head.rev, ordinal = head.ordinal, active_at = head.at
    FROM json_to_recordset(%s::json) AS head (id bigint, rev bigint, ordinal bigint, at timestamptz)
    WHERE messaging_room.id = head.id
), positions AS (
    UPDATE messaging_membership AS membership
    SET read_seq = greatest(read_seq, place.seq), read_ordinal = greatest(read_ordinal, place.ordinal),
        withheld_ahead = place.ahead + CASE WHEN place.seq = 0 THEN withheld_ahead ELSE 0 END
    FROM json_to_recordset(%s::json) AS place (room bigint, member bigint, seq bigint, ordinal bigint, ahead bigint)
    WHERE membership.room_id = place.room AND membership.member_id = place.member
)
SELECT room_id, seq, id FROM stored
"""


class LockedRow(Protocol):
    """A locked room and its counters."""

    pk: int
    rev: int
    ordinal: int
    active_at: dt.datetime


class Place(NamedTuple):
    """How far a member has read a room by writing in it (0: they wrote nothing), and the number withheld after that."""

    room: int
    member: int
    seq: int
    ordinal: int
    ahead: int


def insert_batch(messages: Sequence[MessageRow], rooms: Iterable[LockedRow], places: Sequence[Place]) -> None:
    """Insert the new messages, move their rooms' counters and the read positions. The rooms are locked."""
    rows = [message.values() for message in messages]
    heads = [
        {"id": room.pk, "rev": room.rev, "ordinal": room.ordinal, "at": room.active_at.isoformat()} for room in rooms
    ]
    with connection.cursor() as cursor:
        statement = _STORE.format(columns=", ".join(COLUMNS), types=column_types())
        cursor.execute(statement, [_json(rows), _json(heads), _json([place._asdict() for place in places])])
        ids = {(room, seq): pk for room, seq, pk in cursor.fetchall()}
    for message in messages:
        message.pk = ids[message.room_id, message.seq]


def withhold(messages: Sequence[MessageRow], kept_from: Mapping[tuple[int, int], set[int]]) -> None:
    """Store which members do not get which messages; `kept_from` is by room and sequence number."""
    rows = [
        Withheld(message_id=message.pk, member_id=member, is_counted=message.kind == Message.Kind.TEXT)
        for message in messages
        for member in kept_from.get((message.room_id, message.seq), ())
    ]
    if rows:
        Withheld.objects.bulk_create(rows)


def _json(rows: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
