"""What a batch of drafts has to know before it is stored: asked in one go, whatever its size.

Plain SQL in a pipeline. The writer's thread shares the interpreter with the loop: each answer that it waits for, it
then waits for the interpreter too, up to 5 ms beside a busy loop. Querysets one after the other took more time than
all the rest of sending.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from messaging.models import Message
from messaging.rendering import Author

# The room's row is the gate: who holds it decides the order, and whether the room can be written to. Locked in the
# order of the ids. A clock read before the wait for the lock may be earlier than what was said meanwhile.
_ROOMS = """
SELECT greatest(active_at, statement_timestamp())::text, id, low_id, high_id, rev, ordinal, frozen_at
FROM messaging_room WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
# All that follows is asked after the lock: whoever held it may have put somebody out.
_MEMBERS = "SELECT room_id, member_id FROM messaging_membership WHERE room_id = ANY(%s::bigint[]) AND ended_at IS NULL"
_AUTHORS = """
SELECT author.id, author.name, coalesce(author.photo, ''), author.company_id, coalesce(company.name, '')
FROM accounts_user AS author LEFT JOIN accounts_company AS company ON company.id = author.company_id
WHERE author.id = ANY(%s::bigint[])
"""
_BLOCKS = """
SELECT blocker_id, blocked_id FROM contacts_block
WHERE blocker_id = ANY(%s::bigint[]) OR blocked_id = ANY(%s::bigint[])
"""
# Each looked for by itself: the planner would rather read the whole table than an index two hundred times.
_SENT = """
SELECT sent.id FROM unnest(%s::bigint[], %s::uuid[]) AS draft (author, client), LATERAL (
    SELECT id FROM messaging_message WHERE author_id = draft.author AND client_id = draft.client LIMIT 1
) AS sent
"""


@dataclass(slots=True)
class LockedRoom:
    """A room whose row is locked: where it stands, and from when its next message is."""

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
    # Who has blocked whom, of all in which one of the authors takes part.
    blocks: set[tuple[int, int]]
    # The messages that these authors have already sent under one of these client ids.
    sent: dict[tuple[int, UUID], Message]


def gather(rooms: Collection[int], keys: Collection[tuple[int, UUID]]) -> Gathered:
    """Lock the rooms, then look up the rest; `keys` are the drafts' authors and client ids. Needs a transaction."""
    room_ids, author_ids = _array(rooms), _array({author for author, _client in keys})
    answers = _asked_together(
        (_ROOMS, [room_ids]),
        (_MEMBERS, [room_ids]),
        (_AUTHORS, [author_ids]),
        (_BLOCKS, [author_ids, author_ids]),
        (_SENT, [_array(author for author, _client in keys), _array(client for _author, client in keys)]),
    )
    locked, inside, authors, blocks, sent = answers
    members: defaultdict[int, set[int]] = defaultdict(set)
    for room, member in inside:
        members[room].add(member)
    return Gathered(
        {row[1]: LockedRoom(dt.datetime.fromisoformat(row[0]), *row[1:]) for row in locked},
        members,
        {row[0]: Author(*row) for row in authors},
        set(blocks),
        _messages([pk for (pk,) in sent]),
    )


def _asked_together(*queries: tuple[str, list[str]]) -> list[list[tuple[Any, ...]]]:
    """The answers to all queries, one after the other on the server, for one wait."""
    connection.ensure_connection()
    # What goes wrong may show at the end of the pipeline, where Django's cursors do not see it.
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = []
        for query, values in queries:
            cursor = connection.cursor()
            cursor.execute(query, values)
            cursors.append(cursor)
        return [cursor.fetchall() for cursor in cursors]


def _messages(ids: Sequence[int]) -> dict[tuple[int, UUID], Message]:
    if not ids:
        return {}
    rows = Message.objects.filter(pk__in=ids).select_related("author__company")
    return {(row.author_id, row.client_id): row for row in rows if row.author_id and row.client_id}


def _array(values: Collection[object] | Any) -> str:
    """Numbers or UUIDs as PostgreSQL writes an array: one text is quicker to bind than each of them."""
    return f"{{{','.join(map(str, values))}}}"
