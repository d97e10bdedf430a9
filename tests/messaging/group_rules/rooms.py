"""Steps of the histories: rooms are made, people come and go, and mastership passes on."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from messaging.actions.editing import edit_room
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.actions.masters import hand_over, make_master, step_down
from messaging.models import Membership, Room
from tests.messaging.group_rules.driver import Data, Driver
from tests.messaging.group_rules.model import RoomModel

MOST_ROOMS = 4
HISTORIES = [None, "none", "today", "all"]


class Rooms(Driver):
    """Each rule does one thing to a room and says what product.md expects of it."""

    @precondition(lambda self: len(self.rooms) < MOST_ROOMS)
    @rule(data=st.data())
    def create(self, data: Data) -> None:
        creator = self.someone(data)
        self._create(creator, self.some_who_fit(data, [creator]))

    def _create(self, creator: int, others: list[int]) -> None:
        others = [pk for pk in others if pk != creator]
        allowed = bool(others) and self.consent.together([creator, *others])
        allowed = allowed and not self.consent.parted_by_block(creator, others)
        made: list[Room] = []

        def make() -> None:
            made.append(create_group_room(creator=self.user(creator), members=self.users(others), name="Room"))

        if self.attempt(make, allowed=allowed, name="create"):
            room = self.rooms[made[0].pk] = RoomModel(self.consent.company_of[creator], masters={creator})
            room.join([creator, *others], self.consent, step=self.step, sees_from=0)
            room.settle(self.consent)

    @rule(data=st.data(), history=st.sampled_from(HISTORIES), opens=st.sampled_from([True, True, False]))
    def add(self, data: Data, history: str | None, opens: bool) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        self._add(pk, master, self.some_who_fit(data, room.joined), history, opens=opens)

    @precondition(lambda self: self.gone)
    @rule(data=st.data(), history=st.sampled_from(HISTORIES))
    def add_somebody_who_was_there(self, data: Data, history: str | None) -> None:
        pk, person = data.draw(st.sampled_from(sorted(self.gone)), "who and where")
        master = self.someone(data, self.rooms[pk].masters)
        self._add(pk, master, [person] if person not in self.consent.inactive else [], history, opens=True)

    @property
    def gone(self) -> set[tuple[int, int]]:
        """Who was in which room, and is in it no more."""
        return {
            (pk, person) for pk, room in self.rooms.items() for person in room.sees_from.keys() - room.joined.keys()
        }

    def _add(self, pk: int, master: int, coming: list[int], history: str | None, *, opens: bool) -> None:
        room = self.rooms[pk]
        if not coming:
            return
        everyone = {*room.joined, *coming}
        answered = opens or room.external or len(self.consent.companies(everyone)) == 1
        allowed = master in room.masters and not room.frozen and answered and self.consent.together(everyone)
        allowed = allowed and not self.consent.parted_by_block(master, coming)
        sees_from = room.first_seen(history)

        def bring() -> None:
            users = self.users(coming)
            add_members(master=self.user(master), room_id=pk, people=users, history=history, opens=opens)

        if self.attempt(bring, allowed=allowed, name="add"):
            room.join(coming, self.consent, step=self.step, sees_from=sees_from)
            room.settle(self.consent)

    @rule(data=st.data(), everything=st.booleans())
    def decide_what_newcomers_see(self, data: Data, everything: bool) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        value = Room.Newcomers.ALL if everything else Room.Newcomers.JOINED
        if self.attempt(
            lambda: edit_room(master=self.user(master), room_id=pk, newcomers=value),
            allowed=master in room.masters,
            name="newcomers see",
        ):
            room.all_for_newcomers = everything

    @rule(data=st.data())
    def remove(self, data: Data) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        other = self.someone(data, room.joined)
        own = self.consent.company_of[master] == room.host
        allowed = master in room.masters and other in room.joined and other != master
        # A guest who shares mastership does not put the hosting company out of its own room.
        allowed = allowed and (own or self.consent.company_of[other] != room.host)
        if self.attempt(
            lambda: remove_member(master=self.user(master), room_id=pk, member_id=other), allowed=allowed, name="remove"
        ):
            self._gone(room, {other})

    @rule(data=st.data())
    def leave(self, data: Data) -> None:
        pk, room = self.a_room(data)
        member = self.someone(data, room.joined)
        if self.attempt(
            lambda: leave_room(member=self.user(member), room_id=pk), allowed=member in room.joined, name="leave"
        ):
            self._gone(room, {member})

    @rule(data=st.data())
    def take_out_by_administrator(self, data: Data) -> None:
        pk, room = self.a_room(data)
        if not room.joined:
            return
        member = data.draw(st.sampled_from(sorted(room.joined)), "member")
        # Mostly their own company's administrator; another's may not.
        own = self.consent.company_of[member]
        by = data.draw(st.sampled_from([own] * 8 + self.company_pks), "administrator")
        row = Membership.objects.select_related("member").get(room=pk, member=member)
        if self.attempt(
            lambda: withdraw_from_room(administrator=self.world.admins[by], membership=row),
            allowed=by == own,
            name="take out",
        ):
            self._gone(room, {member})

    def _gone(self, room: RoomModel, people: set[int]) -> None:
        room.end(people)
        room.settle(self.consent)

    # Masters. What a guest who is Master may do in a frozen room, product.md does not say.

    @rule(data=st.data(), verb=st.sampled_from(["make master", "hand over", "step down"]))
    def change_masters(self, data: Data, verb: str) -> None:
        pk, room = self.a_room(data)
        asker, other = self.someone(data, room.masters), self.someone(data, room.joined)
        if room.frozen:
            return
        users = {"master": self.user(asker), "room_id": pk}
        after = {
            "make master": room.masters | {other},
            "hand over": room.masters - {asker} | {other},
            "step down": room.masters - {asker},
        }[verb]
        works = {
            "make master": lambda: make_master(**users, member_id=other),
            "hand over": lambda: hand_over(**users, member_id=other),
            "step down": lambda: step_down(**users),
        }
        allowed = asker in room.masters and (other in room.joined or verb == "step down")
        allowed = allowed and (room.has_host(after, self.consent) or verb == "make master")
        if self.attempt(works[verb], allowed=allowed, name=verb):
            room.masters = after
