"""Loads what a batch of drafts needs before it is stored, in one round trip whatever its size.

Plain SQL in a pipeline. The writer's thread shares the interpreter with the loop: each answer that it waits for, it
then waits for the interpreter too, up to 5 ms beside a busy loop. Querysets one after the other took more time than
all the rest of sending.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from messaging.message.html import Author
from messaging.message.row import MessageRow
from messaging.models import Message

# The room's row is the gate: who holds it decides the order, and whether the room can be written to. Locked in the
# order of the ids. A clock read before waiting for the lock may be earlier than messages sent in the meantime.
_ROOMS = """
SELECT greatest(active_at, statement_timestamp())::text, id, low_id, high_id, rev, ordinal, frozen_at
FROM messaging_room WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
# Queried after the lock: the previous holder may have removed someone. In one statement, each part as JSON, because
# another statement costs more than what it finds. Each client id is looked up separately: the planner would rather read
# the whole table than an index some hundred times.
_AROUND = """
SELECT (
    SELECT json_agg(json_build_array(room_id, member_id)) FROM messaging_membership
    WHERE room_id = ANY(%(rooms)s::bigint[]) AND ended_at IS NULL
)::text, (
    SELECT json_agg(json_build_array(
        author.id, author.name, coalesce(author.photo, ''), author.company_id, coalesce(company.name, '')
    ))
    FROM accounts_user AS author LEFT JOIN accounts_company AS company ON company.id = author.company_id
    WHERE author.id = ANY(%(authors)s::bigint[])
)::text, (
    SELECT json_agg(json_build_array(blocker_id, blocked_id)) FROM contacts_block
    WHERE blocker_id = ANY(%(authors)s::bigint[]) OR blocked_id = ANY(%(authors)s::bigint[])
)::text, (
    SELECT json_agg(sent.id)
    FROM unnest(%(senders)s::bigint[], %(clients)s::uuid[]) AS draft (author, client), LATERAL (
        SELECT id FROM messaging_message WHERE author_id = draft.author AND client_id = draft.client LIMIT 1
    ) AS sent
)::text
"""


@dataclass(slots=True)
class LockedRoom:
    """A locked room: its counters, and the time of its next message."""

    active_at: dt.datetime
    pk: int
    low_id: int | None
    high_id: int | None
    rev: int
    ordinal: int
    frozen_at: dt.datetime | None


class Gathered(NamedTuple):
    """What is known about the rooms and authors of a batch."""

    rooms: dict[int, LockedRoom]
    members: dict[int, set[int]]
    authors: dict[int, Author]
    # All blocks that involve one of the authors.
    blocks: set[tuple[int, int]]
    # The messages that these authors have already sent under one of these client ids.
    sent: dict[tuple[int, UUID], MessageRow]


def load_batch(rooms: Collection[int], keys: Collection[tuple[int, UUID]]) -> Gathered:
    """Lock the rooms, then look up the rest; `keys` are the drafts' authors and client ids. Needs a transaction."""
    locked, around = _ask(
        {
            "rooms": _array(rooms),
            "authors": _array({author for author, _client in keys}),
            "senders": _array(author for author, _client in keys),
            "clients": _array(client for _author, client in keys),
        }
    )
    inside, authors, blocks, sent = (json.loads(part or "[]") for part in around)
    members: defaultdict[int, set[int]] = defaultdict(set)
    for room, member in inside:
        members[room].add(member)
    return Gathered(
        {row[1]: LockedRoom(dt.datetime.fromisoformat(row[0]), *row[1:]) for row in locked},
        members,
        {row[0]: Author(*row) for row in authors},
        {(blocker, blocked) for blocker, blocked in blocks},
        _messages(sent),
    )


def _ask(values: dict[str, str]) -> tuple[list[tuple[Any, ...]], tuple[str | None, ...]]:
    """The results of the two statements, run in sequence on the server, in one wait (and one for the BEGIN)."""
    connection.ensure_connection()
    # What goes wrong may show at the end of the pipeline, where Django's cursors do not see it.
    with connection.wrap_database_errors, connection.connection.pipeline():
        locking, asking = connection.cursor(), connection.cursor()
        locking.execute(_ROOMS, [values["rooms"]])
        asking.execute(_AROUND, values)
    # Both answers are here: within the block each fetch would wait once more.
    return locking.fetchall(), asking.fetchone()


def _messages(ids: Sequence[int]) -> dict[tuple[int, UUID], MessageRow]:
    rows = MessageRow.read(Message.objects.filter(pk__in=ids)) if ids else []
    return {(row.author_id, UUID(row.client_id)): row for row in rows if row.author_id and row.client_id}


def _array(values: Iterable[object]) -> str:
    """Numbers or UUIDs as PostgreSQL writes an array: one text is quicker to bind than each of them."""
    return f"{{{','.join(map(str, values))}}}"
