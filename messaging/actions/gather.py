"""What a batch of drafts has to know before it is stored: few queries, whatever its size."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from contacts.models import Block
from messaging.models import Message, Room
from messaging.moments import Clock


def locked_rooms(room_ids: Iterable[int]) -> dict[int, Any]:
    """The rooms, their rows locked in the order of their ids, each with the database's `clock`.

    The room's row is the gate: who holds it decides the order, and whether the room can be written to.
    """
    locked = Room.objects.select_for_update(no_key=True).filter(pk__in=set(room_ids)).order_by("pk")
    return {room.pk: room for room in locked.annotate(clock=Clock())}


def blocks_around(authors: Collection[int]) -> set[tuple[int, int]]:
    """Who has blocked whom, of all in which one of the authors takes part."""
    rows = Block.objects.filter(Q(blocker__in=authors) | Q(blocked__in=authors))
    return set(rows.values_list("blocker_id", "blocked_id"))


def sent_before(authors: Collection[int], client_ids: Collection[UUID]) -> dict[tuple[int, UUID], Message]:
    """The messages that these authors have already sent under one of these client ids."""
    rows = Message.objects.filter(author__in=authors, client_id__in=client_ids).select_related("author__company")
    return {(row.author_id, row.client_id): row for row in rows if row.author_id and row.client_id}
