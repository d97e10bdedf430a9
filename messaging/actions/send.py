"""Sending: a batch of drafts in one transaction, in order, each stored once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Block
from messaging.access import require_writable
from messaging.models import Membership, Message, Room, Withheld
from messaging.moments import Clock
from messaging.pushes import push_room
from messaging.recipients import members_of
from messaging.text import clean, to_html
from worksbridge.errors import NotFound, Refused, WorksBridgeError
from worksbridge.transactions import retried


@dataclass(frozen=True)
class Draft:
    """What a member wants said in a room. `client_id` comes from their page and makes a retry harmless."""

    room_id: int
    author_id: int
    client_id: UUID
    body: str


Outcome = Message | WorksBridgeError


def send_message(draft: Draft) -> Message:
    """Send one draft. Raises what `send_messages` returns for it."""
    outcome = send_messages([draft])[0]
    if isinstance(outcome, WorksBridgeError):
        raise outcome
    return outcome


def send_messages(drafts: Sequence[Draft]) -> list[Outcome]:
    """Store the drafts in the order given and push them after commit.

    Returns for each draft its message (the original one when its client id came before) or the error that
    refuses it; one refused draft does not stop the others. A constant number of queries for any batch.
    """
    try:
        return _send(drafts)
    except IntegrityError:
        # One client id in two rooms at once. Alone, each draft gets its own answer.
        if len(drafts) > 1:
            return [outcome for draft in drafts for outcome in send_messages([draft])]
        return [Refused(_("This message was already sent in another room."), code="sent_elsewhere")]


@retried
def _send(drafts: Sequence[Draft]) -> list[Outcome]:
    return _Batch(drafts).send()


class _Batch:
    """The state of one batch while its transaction runs."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        room_ids = sorted({draft.room_id for draft in drafts})
        # The room's row is the gate: who holds it decides the order, and whether the room can be written to.
        locked = Room.objects.select_for_update(no_key=True).filter(pk__in=room_ids).order_by("pk")
        timed = list(locked.annotate(clock=Clock()))
        self.rooms: dict[int, Room] = {room.pk: room for room in timed}
        # A clock read before the wait for the lock may be earlier than what was said meanwhile.
        self.times = {room.pk: max(room.clock, room.active_at) for room in timed}
        self.before = {room.pk: room.rev for room in self.rooms.values()}
        self.members = members_of(self.rooms)
        self.blocks = self._blocks()
        self.sent = self._sent_before()
        self.new: list[Message] = []
        self.withheld: dict[tuple[int, int], set[int]] = {}

    def send(self) -> list[Outcome]:
        outcomes = [self._one(draft) for draft in self.drafts]
        if self.new:
            self._store()
            self._push()
        return outcomes

    def _blocks(self) -> set[tuple[int, int]]:
        authors = {draft.author_id for draft in self.drafts}
        rows = Block.objects.filter(Q(blocker__in=authors) | Q(blocked__in=authors))
        return set(rows.values_list("blocker_id", "blocked_id"))

    def _sent_before(self) -> dict[tuple[int, UUID], Message]:
        rows = Message.objects.filter(
            author__in={draft.author_id for draft in self.drafts},
            client_id__in={draft.client_id for draft in self.drafts},
        ).select_related("author__company")
        return {(row.author_id, row.client_id): row for row in rows if row.author_id and row.client_id}

    def _one(self, draft: Draft) -> Outcome:
        try:
            room = self._open_room(draft)
            original = self.sent.get((draft.author_id, draft.client_id))
            if original is not None:
                return self._same(original, draft)
            body = clean(draft.body)
            self._require_not_blocking(room, draft.author_id)
            require_writable(room)
        except WorksBridgeError as error:
            return error
        return self._add(room, draft, body)

    def _open_room(self, draft: Draft) -> Room:
        room = self.rooms.get(draft.room_id)
        if room is None or draft.author_id not in self.members[room.pk]:
            raise NotFound
        return room

    @staticmethod
    def _same(original: Message, draft: Draft) -> Message:
        if original.room_id != draft.room_id:
            raise Refused(_("This message was already sent in another room."), code="sent_elsewhere")
        return original

    def _require_not_blocking(self, room: Room, author_id: int) -> None:
        other = room.high_id if author_id == room.low_id else room.low_id
        if room.kind == Room.Kind.DIRECT and (author_id, other) in self.blocks:
            raise Refused(_("You have blocked this person. Unblock them to write."), code="blocked")

    def _add(self, room: Room, draft: Draft, body: str) -> Message:
        room.rev += 1
        room.ordinal += 1
        message = Message(
            room=room,
            seq=room.rev,
            rev=room.rev,
            ordinal=room.ordinal,
            author_id=draft.author_id,
            client_id=draft.client_id,
            body=body,
            html=to_html(body),
            created_at=self.times[room.pk],
        )
        # Whoever has blocked the author does not get it, and never will.
        self.withheld[room.pk, message.seq] = {
            blocker for blocker, blocked in self.blocks if blocked == draft.author_id
        } & set(self.members[room.pk])
        self.sent[draft.author_id, draft.client_id] = message
        self.new.append(message)
        return message

    def _store(self) -> None:
        Message.objects.bulk_create(self.new)
        rows = [
            Withheld(message=message, member_id=member) for message in self.new for member in self._kept_from(message)
        ]
        Withheld.objects.bulk_create(rows)
        touched = {message.room_id: message.room for message in self.new}
        for room in touched.values():
            room.active_at = self.times[room.pk]
        Room.objects.bulk_update(list(touched.values()), ["rev", "ordinal", "active_at"])
        self._load_authors()
        self._read_own()

    def _load_authors(self) -> None:
        ids = {message.author_id for message in self.new}
        rows = User.objects.select_related("company").in_bulk(ids)
        for message in self.new:
            message.author = rows[message.author_id]

    def _read_own(self) -> None:
        """Move read positions: who writes has read; what is withheld does not wait for whoever does not get it."""
        latest = {(message.room_id, message.author_id): message for message in self.new}
        ahead = self._withheld_ahead(latest)
        which = Q()
        for room_id, member_id in latest.keys() | ahead.keys():
            which |= Q(room=room_id, member=member_id)
        rows = list(Membership.objects.filter(which))
        for row in rows:
            key = (row.room_id, row.member_id)
            if key in latest:
                row.read_seq = Greatest(F("read_seq"), latest[key].seq)
                row.read_ordinal = Greatest(F("read_ordinal"), latest[key].ordinal)
                row.withheld_ahead = ahead.get(key, 0)
            else:
                row.withheld_ahead = F("withheld_ahead") + ahead[key]
        Membership.objects.bulk_update(rows, ["read_seq", "read_ordinal", "withheld_ahead"])

    def _withheld_ahead(self, latest: dict[tuple[int, int | None], Message]) -> Counter[tuple[int, int]]:
        """How many new messages each member never gets, after what they wrote themselves."""
        ahead: Counter[tuple[int, int]] = Counter()
        for message in self.new:
            for member in self._kept_from(message):
                own = latest.get((message.room_id, member))
                ahead[message.room_id, member] += own is None or own.seq < message.seq
        return ahead

    def _kept_from(self, message: Message) -> set[int]:
        return self.withheld.get((message.room_id, message.seq), set())

    def _push(self) -> None:
        by_room: defaultdict[int, list[Message]] = defaultdict(list)
        for message in self.new:
            by_room[message.room_id].append(message)
        for room_id, messages in by_room.items():
            self._push_one(self.rooms[room_id], messages)

    def _push_one(self, room: Room, messages: list[Message]) -> None:
        blockers = set().union(*(self._kept_from(message) for message in messages))
        push_room(room, set(self.members[room.pk]) - blockers, after=self.before[room.pk], messages=messages)
        for blocker in sorted(blockers):
            seen = [message for message in messages if blocker not in self._kept_from(message)]
            if seen:
                push_room(room, [blocker], after=self.before[room.pk], messages=seen)
