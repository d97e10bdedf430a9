"""Storing a batch of messages with one statement, whatever its size.

Plain SQL: the ORM has no way to update many rows with values of their own but a CASE for each column, which cost more
than all the rest of sending.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from messaging.models import Message, Room, Withheld

_STORE = """
WITH said AS (
    INSERT INTO messaging_message
        (room_id, seq, rev, ordinal, author_id, client_id, body, html, kind, data, created_at)
    SELECT room, seq, seq, ordinal, author, client, body, html, 'text', '{}'::jsonb, at
    FROM unnest(
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::timestamptz[]
    ) AS draft (room, seq, ordinal, author, client, body, html, at)
    RETURNING id, room_id, seq
), heads AS (
    UPDATE messaging_room SET rev = head.rev, ordinal = head.ordinal, active_at = head.at
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) AS head (id, rev, ordinal, at)
    WHERE messaging_room.id = head.id
), positions AS (
    UPDATE messaging_membership AS membership
    SET read_seq = greatest(read_seq, place.seq), read_ordinal = greatest(read_ordinal, place.ordinal),
        withheld_ahead = place.ahead + CASE WHEN place.seq = 0 THEN withheld_ahead ELSE 0 END
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        AS place (room, member, seq, ordinal, ahead)
    WHERE membership.room_id = place.room AND membership.member_id = place.member
)
SELECT room_id, seq, id FROM said
"""


class Place(NamedTuple):
    """How far a member has read a room by writing in it (0: they wrote nothing), and what is withheld after that."""

    room: int
    member: int
    seq: int
    ordinal: int
    ahead: int


def store(messages: Sequence[Message], rooms: Sequence[Room], places: Sequence[Place]) -> None:
    """Insert the new messages, move their rooms' counters and the read positions. The rooms are locked."""
    said = [(m.room_id, m.seq, m.ordinal, m.author_id, m.client_id, m.body, m.html, m.created_at) for m in messages]
    heads = [(room.pk, room.rev, room.ordinal, room.active_at) for room in rooms]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [*_columns(said, 8), *_columns(heads, 4), *_columns(places, 5)])
        ids = {(room, seq): pk for room, seq, pk in cursor.fetchall()}
    for message in messages:
        message.pk = ids[message.room_id, message.seq]
        message._state.adding = False  # noqa: SLF001  (what the ORM itself does after an insert)


def withhold(messages: Sequence[Message], kept_from: Mapping[tuple[int, int], set[int]]) -> None:
    """Remember who does not get which of the stored messages; `kept_from` is by room and sequence number."""
    rows = [
        Withheld(message=message, member_id=member)
        for message in messages
        for member in kept_from.get((message.room_id, message.seq), ())
    ]
    if rows:
        Withheld.objects.bulk_create(rows)


def _columns(rows: Sequence[tuple], width: int) -> list[list]:
    """Rows as columns: one array for each."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
