"""Sending: a batch of drafts in one transaction, in order, each stored once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Block
from messaging.models import Membership, Message, Room
from messaging.pushes import push_room
from messaging.recipients import members_of
from messaging.text import clean, to_html
from worksbridge.errors import NotFound, Refused, WorksBridgeError


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
        with transaction.atomic():
            return _Batch(drafts).send()
    except IntegrityError:
        # One client id in two rooms at once. Alone, each draft gets its own answer.
        if len(drafts) > 1:
            return [outcome for draft in drafts for outcome in send_messages([draft])]
        return [Refused(_("This message was already sent in another room."), code="sent_elsewhere")]


class _Batch:
    """The state of one batch while its transaction runs."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        room_ids = sorted({draft.room_id for draft in drafts})
        # The room's row is the gate: who holds it decides the order, and whether the room can be written to.
        locked = Room.objects.select_for_update(no_key=True).filter(pk__in=room_ids).order_by("pk")
        self.rooms = {room.pk: room for room in locked}
        self.before = {room.pk: room.rev for room in self.rooms.values()}
        self.members = members_of(self.rooms)
        self.blocks = self._blocks()
        self.sent = self._sent_before()
        self.new: list[Message] = []
        self.now = timezone.now()

    def send(self) -> list[Outcome]:
        outcomes = [self._one(draft) for draft in self.drafts]
        if self.new:
            self._store()
            self._push()
        return outcomes

    def _blocks(self) -> set[tuple[int, int]]:
        people = {room.low_id for room in self.rooms.values()} | {room.high_id for room in self.rooms.values()}
        people.discard(None)
        rows = Block.objects.filter(blocker__in=people, blocked__in=people) if people else Block.objects.none()
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
            withheld = self._withheld_from(room, draft.author_id)
            if room.frozen_at is not None:
                raise Refused(_("This room can be read but not written to any more."), code="frozen")
        except WorksBridgeError as error:
            return error
        return self._add(room, draft, body, withheld)

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

    def _withheld_from(self, room: Room, author_id: int) -> int | None:
        if room.kind != Room.Kind.DIRECT:
            return None
        other = room.high_id if author_id == room.low_id else room.low_id
        if (author_id, other) in self.blocks:
            raise Refused(_("You have blocked this person. Unblock them to write."), code="blocked")
        return other if (other, author_id) in self.blocks else None

    def _add(self, room: Room, draft: Draft, body: str, withheld: int | None) -> Message:
        room.rev += 1
        # What is withheld does not count as something to read.
        room.ordinal += withheld is None
        message = Message(
            room=room,
            seq=room.rev,
            rev=room.rev,
            ordinal=room.ordinal,
            author_id=draft.author_id,
            client_id=draft.client_id,
            body=body,
            html=to_html(body),
            withheld_from_id=withheld,
            created_at=self.now,
        )
        self.sent[draft.author_id, draft.client_id] = message
        self.new.append(message)
        return message

    def _store(self) -> None:
        Message.objects.bulk_create(self.new)
        touched = {message.room_id: message.room for message in self.new}
        for room in touched.values():
            room.active_at = self.now
        Room.objects.bulk_update(list(touched.values()), ["rev", "ordinal", "active_at"])
        self._load_authors()
        self._read_own()

    def _load_authors(self) -> None:
        ids = {message.author_id for message in self.new}
        rows = User.objects.select_related("company").in_bulk(ids)
        for message in self.new:
            message.author = rows[message.author_id]

    def _read_own(self) -> None:
        """Who writes has read: move the authors' read positions, one statement for each author's latest message."""
        latest = {(message.room_id, message.author_id): message for message in self.new}
        which = Q()
        for room_id, author_id in latest:
            which |= Q(room=room_id, member=author_id)
        rows = list(Membership.objects.filter(which))
        for row in rows:
            message = latest[row.room_id, row.member_id]
            row.read_seq = Greatest(F("read_seq"), message.seq)
            row.read_ordinal = Greatest(F("read_ordinal"), message.ordinal)
        Membership.objects.bulk_update(rows, ["read_seq", "read_ordinal"])

    def _push(self) -> None:
        by_room: defaultdict[int, list[Message]] = defaultdict(list)
        for message in self.new:
            by_room[message.room_id].append(message)
        for room_id, messages in by_room.items():
            self._push_one(self.rooms[room_id], messages)

    def _push_one(self, room: Room, messages: list[Message]) -> None:
        blockers = {message.withheld_from_id for message in messages if message.withheld_from_id}
        everyone = set(self.members[room.pk])
        push_room(room, everyone - blockers, after=self.before[room.pk], messages=messages)
        seen = [message for message in messages if not message.withheld_from_id]
        if blockers and seen:
            # Their revision jumps, so their page fetches what it may see.
            push_room(room, blockers, after=self.before[room.pk], messages=seen)
