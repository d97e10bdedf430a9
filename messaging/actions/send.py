"""Sending: a batch of drafts in one transaction, in order, each stored once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from messaging.access import require_writable
from messaging.actions.change import RoomChange
from messaging.actions.insert_batch import Place
from messaging.actions.load_batch import LockedRoom, load_batch
from messaging.message import wire
from messaging.message.markup import to_html
from messaging.message.row import MessageRow
from messaging.text import clean
from worksbridge import metrics
from worksbridge.errors import Code, NotFound, Refused, WorksBridgeError
from worksbridge.transactions import retried


@dataclass(frozen=True)
class Draft:
    """A message to send. `client_id` comes from the page and makes a retry harmless."""

    room_id: int
    author_id: int
    client_id: UUID
    body: str


# A message that was stored now, or before under the same client id; or the reason against it.
Outcome = MessageRow | WorksBridgeError


def send_message(draft: Draft) -> MessageRow:
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
        # One client id in two rooms concurrently. Alone, the draft gets its own answer; halving finds it in few steps.
        if len(drafts) > 1:
            half = len(drafts) // 2
            return send_messages(drafts[:half]) + send_messages(drafts[half:])
        return [Refused(_("This message was already sent in another room."), code=Code.SENT_ELSEWHERE)]


@retried
def _send(drafts: Sequence[Draft]) -> list[Outcome]:
    return _Batch(drafts).send()


class _Batch:
    """The state of one batch while its transaction runs."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        keys = {(draft.author_id, draft.client_id) for draft in drafts}
        known = load_batch({draft.room_id for draft in drafts}, keys)
        self.rooms, self.members, self.authors, self.blocks = known.rooms, known.members, known.authors, known.blocks
        self.sent = {**known.sent}
        self.change = RoomChange(self.rooms.values(), members=self.members, authors=self.authors)
        self.blockers: defaultdict[int, set[int]] = defaultdict(set)
        for blocker, blocked in self.blocks:
            self.blockers[blocked].add(blocker)

    def send(self) -> list[Outcome]:
        outcomes = [self._one(draft) for draft in self.drafts]
        self.change.save(self._places(), refresh=False)
        # Also for messages sent before: the code that answers for them has no database.
        wire.items([one for one in outcomes if isinstance(one, MessageRow)], self.authors)
        if new := len(self.change.rows):
            transaction.on_commit(partial(metrics.messages_stored.inc, new))
        return outcomes

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

    def _open_room(self, draft: Draft) -> LockedRoom:
        room = self.rooms.get(draft.room_id)
        if room is None or draft.author_id not in self.members[room.pk]:
            raise NotFound
        return room

    @staticmethod
    def _same(original: MessageRow, draft: Draft) -> MessageRow:
        if original.room_id != draft.room_id:
            raise Refused(_("This message was already sent in another room."), code=Code.SENT_ELSEWHERE)
        return original

    def _require_not_blocking(self, room: LockedRoom, author_id: int) -> None:
        other = room.high_id if author_id == room.low_id else room.low_id
        if other is not None and (author_id, other) in self.blocks:
            raise Refused(_("You have blocked this person. Unblock them to message them."), code=Code.BLOCKED)

    def _add(self, room: LockedRoom, draft: Draft, body: str) -> MessageRow:
        message = self.change.message(
            room.pk,
            author_id=draft.author_id,
            client_id=str(draft.client_id),
            body=body,
            html=to_html(body),
            kept_from=self.blockers[draft.author_id] & self.members[room.pk],
        )
        self.sent[draft.author_id, draft.client_id] = message
        return message

    def _places(self) -> list[Place]:
        """Authors have read what they write; withheld messages are not unread for those who never get them."""
        latest = {(message.room_id, message.author_id or 0): message for message in self.change.rows}
        ahead = self._withheld_ahead(latest)
        own = [Place(*key, said.seq, said.ordinal, ahead.pop(key, 0)) for key, said in latest.items()]
        return own + [Place(*key, 0, 0, count) for key, count in ahead.items()]

    def _withheld_ahead(self, latest: dict[tuple[int, int], MessageRow]) -> Counter[tuple[int, int]]:
        """The number of new messages withheld from each member after their own last one."""
        ahead: Counter[tuple[int, int]] = Counter()
        for (room_id, seq), members in self.change.withheld.items():
            for member in members:
                own = latest.get((room_id, member))
                ahead[room_id, member] += own is None or own.seq < seq
        return ahead
