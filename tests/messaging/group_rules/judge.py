"""Compares the product with the model after every step."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import User
from messaging.access import messages_in, seat_of
from messaging.models import Membership, Message, Room
from messaging.pages.conversation import changed_since
from messaging.pages.room_list import unread_of
from tests.constraints import check_constraints
from tests.messaging.group_rules.driver import Driver
from tests.messaging.group_rules.model import RoomModel, Said
from tests.words import words_of

Timeline = dict[int, tuple[int, str]]


class Judge:
    """Looks at one history: who is in, who sees what, and that every earlier page catches up."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.rooms, self.consent = driver.rooms, driver.consent
        self.last_message = 0
        self.states: dict[int, object] = {}
        # What each member's page showed at each revision of a room; nothing for those who were not in it.
        self.pages: defaultdict[int, dict[int, dict[int, Timeline]]] = defaultdict(dict)

    def check(self) -> None:
        """What must hold after every step."""
        # The triggers that wait for the commit speak now.
        check_constraints()
        self._hear()
        rooms = Room.objects.in_bulk(self.rooms)
        rows = Membership.objects.filter(room__in=rooms, ended_at=None).select_related("room", "member__company")
        inside: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
        for row in rows:
            inside[row.room_id][row.member_id] = row
        for pk, room in self.rooms.items():
            self._same_people(rooms[pk], room, inside[pk])
            self._unread(room, inside[pk])
            self._moved(rooms[pk], room, inside[pk])

    def _hear(self) -> None:
        """Take what was written since the last step into the model: revisions without gaps (I19), each text once."""
        fresh = list(Message.objects.filter(pk__gt=self.last_message).order_by("pk"))
        texts = [(message.room_id, message.author_id) for message in fresh if message.kind == Message.Kind.TEXT]
        assert texts == self.driver.sent
        for message in fresh:
            room = self.rooms[message.room_id]
            assert message.seq == room.last + 1
            author = message.author_id
            hidden = {blocker for blocker, blocked in self.consent.blocks if blocked == author} & set(room.joined)
            room.said.append(Said(message.seq, author, self.driver.step, hidden))
            if author is not None:
                room.read[author] = message.seq
            self.last_message = message.pk
        self.driver.sent = []

    def _same_people(self, room: Room, model: RoomModel, inside: dict[int, Membership]) -> None:
        masters = {pk for pk, row in inside.items() if row.role == Membership.Role.MASTER}
        assert set(inside) == set(model.joined)
        assert room.rev == model.last
        assert (room.frozen_at is not None) == model.frozen
        own = {pk for pk in inside if self.consent.company_of[pk] == model.host}
        if inside:
            assert room.is_external == model.external
        if own and not own - self.consent.inactive:
            # Nobody is left who could manage the room; product.md only says that it has a Master.
            assert masters & own
            model.masters, model.heirs = masters, set()
        if model.heirs:
            assert len(masters & model.heirs) == 1
            model.masters, model.heirs = model.masters | (masters & model.heirs), set()
        assert masters == model.masters

    def _unread(self, model: RoomModel, inside: dict[int, Membership]) -> None:
        assert {pk: unread_of(row) for pk, row in inside.items()} == {pk: model.unread_of(pk) for pk in inside}

    def _moved(self, room: Room, model: RoomModel, inside: dict[int, Membership]) -> None:
        """A room that changed: who sees what (I4), and that every page catches up with it (I20, I21, I23)."""
        state = (model.frozen, model.external, {pk: row.role for pk, row in inside.items()})
        before_rev, before = self.states.get(room.pk, (0, None))
        if (room.rev, state) == (before_rev, before):
            return
        assert room.rev > before_rev, f"{before} became {state} without a new revision"
        self.states[room.pk] = (room.rev, state)
        now = {pk: self._load(row.member, room) for pk, row in inside.items()}
        assert {pk: list(seen) for pk, seen in now.items()} == {
            pk: [said.seq for said in model.visible_to(pk)] for pk in inside
        }
        outside = [pk for pk in self.driver.pks if pk not in inside]
        assert not any(Message.objects.visible_to(pk).filter(room=room).exists() for pk in outside)
        for pk, row in inside.items():
            for after, page in self._earlier_pages(room.pk, pk):
                changes = changed_since(seat_of(row.member, room.pk), after)
                self.driver.outcomes["catching up"] += 1
                shown = now[pk] if changes is None else dict(sorted((page | _timeline(changes)).items()))
                assert shown == now[pk], f"catching up from {after} to {room.rev}"
        self.pages[room.pk][room.rev] = now

    @staticmethod
    def _load(member: User, room: Room) -> Timeline:
        return _timeline(messages_in(member, room))

    def _earlier_pages(self, room_id: int, member_id: int) -> list[tuple[int, Timeline]]:
        """From nothing at all, from the step before, and from some revisions further back."""
        revisions = list(self.pages[room_id])
        chosen = {*revisions[-1:], *revisions[-4::-3], *revisions[self.driver.step % 5 :: 5]}
        return [(0, {})] + [(rev, self.pages[room_id][rev].get(member_id, {})) for rev in sorted(chosen)]


def _timeline(messages: Iterable[Message]) -> Timeline:
    return {message.seq: (message.rev, words_of(message)) for message in messages}
