"""One change of locked rooms: what is said and happens in them, from the rows in the database to the open pages."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from contacts.models import Block
from messaging.actions.insert_batch import LockedRow, Place, insert_batch, withhold
from messaging.clock import time_by_database
from messaging.message import wire
from messaging.message.html import Author
from messaging.message.row import MessageRow
from messaging.message.system import SystemMessage
from messaging.models import Membership, Message
from messaging.pushes import push_room
from messaging.search.stale_rooms import stale_rooms


class RoomChange:
    """Start with locked rooms, add what happens in them, then `save()`.

    Each event takes its room's next revision. Members who have blocked the actor never get it. Everyone else gets all
    events in one push after commit.
    """

    def __init__(
        self,
        rooms: Iterable[LockedRow],
        *,
        members: Mapping[int, Collection[int]] | None = None,
        authors: Mapping[int, Author] | None = None,
    ) -> None:
        """`members` by room and `authors` save queries: by default the members at the time of saving."""
        self.rooms = {room.pk: room for room in rooms}
        self.rows: list[MessageRow] = []
        # Who does not get which of them, by room and sequence number.
        self.withheld: dict[tuple[int, int], set[int]] = {}
        self._before = {room.pk: room.rev for room in self.rooms.values()}
        self._members, self._authors = members, authors
        # Whose doing the system messages are.
        self._doers: dict[tuple[int, int], int] = {}

    def message(self, room_id: int, *, kept_from: Collection[int] = (), **columns: Any) -> MessageRow:
        """A person's message, with these columns; `kept_from` are the members who do not get it."""
        self.rooms[room_id].ordinal += 1
        return self._add(room_id, set(kept_from), columns)

    def system(self, room_id: int, message: SystemMessage, *, kept_from: Collection[int] = ()) -> None:
        """What happened to the room.

        It goes neither to `kept_from` nor to those who have blocked the actor.
        """
        room = self.rooms[room_id]
        room.active_at = max(self._now, room.active_at)
        columns = {"kind": Message.Kind.SYSTEM.value, "body": "", "html": "", "data": message.data()}
        row = self._add(room_id, set(kept_from), columns)
        if message.by is not None:
            self._doers[room_id, row.seq] = message.by.pk

    def save(self, places: Sequence[Place] = (), *, refresh: bool = True) -> None:
        """Store everything and push it after commit; call it last. A constant number of queries.

        `places` are how far members have read by writing. `refresh` asks the pages to fetch the rooms' headers and
        feet again.
        """
        if not self.rows:
            return
        rows: defaultdict[int, list[MessageRow]] = defaultdict(list)
        for row in self.rows:
            rows[row.room_id].append(row)
        touched = [self.rooms[pk] for pk in rows]
        members = self._members
        if members is None:
            members = Membership.objects.live().filter(room__in=list(rows)).members_by_room()
        self._keep_from_blockers(members)
        insert_batch(self.rows, touched, places)
        withhold(self.rows, self.withheld)
        wire.items(self.rows, self._authors)
        for room in touched:
            self._push(room, set(members[room.pk]), rows[room.pk], refresh=refresh)
            stale_rooms.note(room.pk)

    @cached_property
    def _now(self) -> datetime:
        return time_by_database()

    def _add(self, room_id: int, kept_from: set[int], columns: Mapping[str, Any]) -> MessageRow:
        room = self.rooms[room_id]
        room.rev += 1
        row = MessageRow(
            room_id=room_id,
            seq=room.rev,
            rev=room.rev,
            ordinal=room.ordinal,
            created_at=room.active_at,
            **columns,
        )
        self.rows.append(row)
        if kept_from:
            self.withheld[room_id, row.seq] = kept_from
        return row

    def _keep_from_blockers(self, members: Mapping[int, Collection[int]]) -> None:
        """Withhold system messages from members who have blocked the actor."""
        blockers = Block.objects.blockers_of(set(self._doers.values())) if self._doers else {}
        for place, doer in self._doers.items():
            self.withheld.setdefault(place, set()).update(blockers.get(doer, ()))
        for (room_id, _seq), kept_from in self.withheld.items():
            kept_from.intersection_update(members[room_id])

    def _push(self, room: LockedRow, members: set[int], rows: Sequence[MessageRow], *, refresh: bool) -> None:
        known, after = self._authors or {}, self._before[room.pk]
        for recipients, shown in self._audiences(members, rows):
            if recipients and (shown or refresh):
                push_room(room, recipients, after=after, rows=shown, authors=known, refresh=refresh)

    def _audiences(
        self, members: set[int], rows: Sequence[MessageRow]
    ) -> Iterator[tuple[Collection[int], Sequence[MessageRow]]]:
        """First the members who get everything, then groups from whom the same items are withheld, with the rest."""
        withheld: defaultdict[int, set[int]] = defaultdict(set)
        for row in rows:
            for member in self.withheld.get((row.room_id, row.seq), ()):
                withheld[member].add(row.seq)
        yield members - withheld.keys(), rows
        alike: defaultdict[frozenset[int], list[int]] = defaultdict(list)
        for member, seqs in withheld.items():
            alike[frozenset(seqs)].append(member)
        for kept, recipients in alike.items():
            yield sorted(recipients), [row for row in rows if row.seq not in kept]
