"""Rooms with messages that are not indexed yet.

What changes a room in this process notes it here after commit, for this process's own clock: the usual room is
found without asking the database about all the idle ones. Whatever was not noted (a process that ended, SQL by hand,
messages from before there was an index) a sweep over all rooms finds, now and then.
"""

import threading
import time

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from messaging.models import Room

# Seconds between two sweeps that found everything in order, and the most rooms that one brings.
SWEEP = 30.0
SWEPT = 500


class StaleRooms:
    """The rooms of one process."""

    def __init__(self) -> None:
        self._rooms: set[int] = set()
        self._lock = threading.Lock()
        self._swept_at = float("-inf")

    def note(self, room_id: int) -> None:
        """Note this room when the transaction commits."""
        transaction.on_commit(lambda: self.add({room_id}))

    def add(self, room_ids: set[int]) -> None:
        """Note these rooms."""
        with self._lock:
            self._rooms |= room_ids

    def take(self, most: int) -> list[int]:
        """Remove and return at most so many rooms."""
        self._sweep()
        with self._lock:
            taken = sorted(self._rooms)[:most]
            self._rooms.difference_update(taken)
        return taken

    def _sweep(self) -> None:
        if len(self._rooms) >= SWEPT or time.monotonic() - self._swept_at < SWEEP:
            return
        found = behind(SWEPT)
        # With so many the next sweep follows as soon as some of these are done.
        if len(found) < SWEPT:
            self._swept_at = time.monotonic()
        self.add(set(found))


def behind(most: int) -> list[int]:
    """Rooms with unindexed messages, from one query over all rooms."""
    # An annotation, because a filter alone would leave out the rooms that have no head yet.
    late = Room.objects.annotate(head=Coalesce(F("search_head__rev"), 0)).filter(rev__gt=F("head"))
    return list(late.values_list("pk", flat=True)[:most])


stale_rooms = StaleRooms()
