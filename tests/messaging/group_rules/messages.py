"""Steps of the histories: people write, read and block each other; nights pass."""

from datetime import timedelta
from uuid import uuid4

from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contacts.actions.block import block_external_user, unblock_external_user
from contacts.models import Block
from messaging.actions.read import mark_read
from messaging.actions.send import Draft, send_messages
from messaging.message.row import MessageRow
from messaging.models import Message
from tests.messaging.group_rules.driver import Data, Driver


class Messages(Driver):
    """Each rule does one thing that is heard in rooms, or keeps somebody from hearing it."""

    @rule(data=st.data(), number=st.integers(1, 4))
    def send(self, data: Data, number: int) -> None:
        self._send(data, number)

    @rule(data=st.data())
    def send_one(self, data: Data) -> None:
        self._send(data, 1)

    def _send(self, data: Data, number: int) -> None:
        self.step += 1
        picked = [self.a_room(data) for _draft in range(number)]
        wanted = [(pk, room, self.someone(data, room.joined)) for pk, room in picked]
        outcomes = send_messages([Draft(pk, author, uuid4(), "Said") for pk, _room, author in wanted])
        for (pk, room, author), outcome in zip(wanted, outcomes, strict=True):
            allowed = author in room.joined and not room.frozen
            assert allowed == isinstance(outcome, MessageRow), outcome
            if allowed:
                self.sent.append((pk, author))

    @rule(data=st.data(), part=st.integers(0, 4))
    def read(self, data: Data, part: int) -> None:
        pk, room = self.a_room(data)
        member, seq = self.someone(data, room.joined), room.last * part // 4
        reader = self.user(member).pk
        if self.attempt(
            lambda: mark_read(member_id=reader, room_id=pk, seq=seq), allowed=member in room.joined, name="read"
        ):
            reached = [said.seq for said in room.visible_to(member) if said.seq <= seq]
            room.read[member] = max([room.read[member], *reached[-1:]])

    @rule()
    def a_night_passes(self) -> None:
        for kind in (Message, Block):
            kind.objects.update(created_at=F("created_at") - timedelta(days=2))
        for room in self.rooms.values():
            for said in room.said:
                said.today = False

    @rule(data=st.data())
    def block(self, data: Data) -> None:
        _pk, room = self.a_room(data)
        one = self.someone(data, room.joined)
        strangers = [pk for pk in self.pks if self.consent.company_of[pk] != self.consent.company_of[one]]
        self._block(one, self.someone(data, [pk for pk in strangers if pk in room.joined]))

    def _block(self, *pair: int) -> None:
        strangers = len(self.consent.companies(pair)) == 2
        member, person = self.users(pair)
        if self.attempt(lambda: block_external_user(member=member, person=person), allowed=strangers, name="block"):
            self.consent.blocks.setdefault(pair, self.step)

    @precondition(lambda self: self.consent.blocks)
    @rule(data=st.data())
    def unblock(self, data: Data) -> None:
        pair = data.draw(st.sampled_from(sorted(self.consent.blocks)), "pair")
        member, person = self.users(pair)
        unblock_external_user(member=member, person=person)
        del self.consent.blocks[pair]
