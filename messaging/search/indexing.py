"""Indexing messages in batches.

A room's revisions have no gaps and become visible in order: all that is beyond the revision up to which a room was
read is new, edits included, and nothing is missed. The holder of a room's head reads it.
"""

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from messaging.models import Message, Room, SearchHead
from messaging.search.stale_rooms import stale_rooms
from messaging.search.words import words_of

# Rooms, messages and characters of one transaction, and transactions of one round: about a quarter of a second's work.
ROOMS = 100
MESSAGES = 200
CHARACTERS = 50_000
BATCHES = 5
_STORE = """
INSERT INTO messaging_searchentry (message_id, room_id, seq, rev, words)
SELECT message, room, seq, rev, array_to_tsvector(string_to_array(words, ' '))
FROM json_to_recordset(%s::json) AS new (message bigint, room bigint, seq bigint, rev bigint, words text)
ON CONFLICT (message_id) DO UPDATE SET rev = excluded.rev, words = excluded.words
"""
_MOVE = """
UPDATE messaging_searchhead AS head SET rev = now.rev
FROM json_to_recordset(%s::json) AS now (room bigint, rev bigint) WHERE head.room_id = now.room
"""


class Head(NamedTuple):
    """How far a room was read, and its current revision."""

    room: int
    rev: int
    stands: int


class New(NamedTuple):
    """A message that the index does not have, or only in an older version."""

    pk: int
    room_id: int
    seq: int
    rev: int
    kind: str
    body: str


def index_round() -> int:
    """Index what is new in the rooms that lag, within bounds; the rest waits. Returns how many messages it read."""
    read = 0
    for _ in range(BATCHES):
        rooms = stale_rooms.take(ROOMS)
        if not rooms:
            break
        read += _index(rooms)
    return read


def _index(rooms: Sequence[int]) -> int:
    try:
        unfinished, read = index_rooms(rooms)
    except Exception:
        stale_rooms.add(set(rooms))
        raise
    stale_rooms.add(unfinished)
    return read


@transaction.atomic
def index_rooms(rooms: Sequence[int]) -> tuple[set[int], int]:
    """Index what is new in these rooms. Returns those that need another look, and how many messages were read.

    Rooms whose head another process holds are left to it, and checked again: it may have read them before.
    """
    heads = _least_behind(_claimed(rooms))
    new = _new_in(heads)
    messages = _bounded(new)
    whole = len(messages) == len(new)
    _store(messages)
    finished = set(heads) if whole else {pk for pk in heads if pk < messages[-1].room_id}
    _move(heads, messages, finished)
    return set(rooms) - finished, len(messages)


def _claimed(rooms: Sequence[int]) -> list[Head]:
    """The heads of these rooms that no one else holds, locked, each with its room's current revision."""
    known = set(SearchHead.objects.filter(room__in=rooms).values_list("room", flat=True))
    there = Room.objects.filter(pk__in=set(rooms) - known).order_by("pk").values_list("pk", flat=True)
    SearchHead.objects.bulk_create([SearchHead(room_id=pk) for pk in there], ignore_conflicts=True)
    free = SearchHead.objects.select_for_update(skip_locked=True, of=("self",)).filter(room__in=rooms)
    return [Head(*row) for row in free.order_by("room").values_list("room", "rev", "room__rev")]


def _least_behind(heads: list[Head]) -> dict[int, Head]:
    """As many as one transaction takes, at least one, so that new messages do not wait for years of old ones."""
    taken: dict[int, Head] = {}
    behind = 0
    for head in sorted(heads, key=_lag):
        if behind and behind + _lag(head) > MESSAGES:
            break
        behind += _lag(head)
        taken[head.room] = head
    return taken


def _lag(head: Head) -> int:
    return head.stands - head.rev


def _new_in(heads: dict[int, Head]) -> list[New]:
    """The messages beyond the heads, by room and revision, one more than a batch."""
    new = Message.objects.filter(room__in=heads, rev__gt=F("room__search_head__rev")).order_by("room_id", "rev")
    return [New(*row) for row in new.values_list(*New._fields)[: MESSAGES + 1]]


def _bounded(messages: list[New]) -> list[New]:
    """As many of the messages as one transaction takes; the first always."""
    lengths = accumulate(len(message.body) for message in messages[:MESSAGES])
    return messages[: max(1, sum(length <= CHARACTERS for length in lengths))]


def _store(messages: list[New]) -> None:
    # People do not search for system messages.
    entries = [
        {
            "message": message.pk,
            "room": message.room_id,
            "seq": message.seq,
            "rev": message.rev,
            "words": " ".join(words_of(message.body)),
        }
        for message in messages
        if message.kind == Message.Kind.TEXT
    ]
    if entries:
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [json.dumps(entries, ensure_ascii=False)])


def _move(heads: dict[int, Head], messages: list[New], finished: set[int]) -> None:
    """Put each head where its room was read to; a finished one where the room stood before its messages were read."""
    latest = {message.room_id: message.rev for message in messages}
    moved = [
        {"room": pk, "rev": max(head.rev, head.stands if pk in finished else 0, latest.get(pk, 0))}
        for pk, head in heads.items()
    ]
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [json.dumps(moved)])
