"""Steps of the histories: rights that end and come back, people who go, and blocks."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import Company
from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import reopen_direct_room
from messaging.models import Membership, Room
from tests.calls.rules.calling import Calling
from tests.calls.rules.driver import Data, happens
from tests.decisions import decide
from worksbridge.errors import WorksBridgeError


class Rights(Calling):
    """What the layers below calls do while people call."""

    def _change(self, name: str, work: Callable[[], Any]) -> None:
        """Something below calls happens, or is refused; the calls follow."""
        try:
            with transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
                work()
        except WorksBridgeError:
            self.outcomes[f"{name}: refused"] += 1
            return
        self.outcomes[name] += 1
        self.ended_rights += 1
        self.model.follow()

    def a_company(self, data: Data) -> Company:
        return data.draw(st.sampled_from(self.world.companies), "company")

    @happens(3, lambda driver: driver.model.live())
    def end_a_right(self, data: Data) -> None:
        company = self.a_company(data)
        what = data.draw(st.sampled_from(["switch", "partner", "withdraw", "withdraw"]), "what")
        if what == "switch":
            self._change("switch off", lambda: set_external_connection(company=company, allows=False, actor=None))
        elif what == "partner":
            partner = data.draw(st.sampled_from([one for one in self.world.companies if one != company]), "partner")
            self._change("deny", lambda: decide(company=company, partner=partner, decision="deny", actor=None))
        else:
            pk = data.draw(st.sampled_from(sorted(self.people_of_calls() or self.pks)), "member")
            member = self.user(pk)
            assert member.company
            self._change("withdraw", lambda: withdraw_members(company=member.company, members=[member], actor=None))

    def people_of_calls(self) -> list[int]:
        """Everyone in the calls that go on, once for each of them."""
        return [pk for number in self.model.live() for pk in self.model.calls[number].people]

    @happens(8, lambda driver: driver.ended_rights > 2)
    def open_again(self, data: Data) -> None:
        """What opens revives no call (I13); the 1:1 rooms are reconnected, people added again."""
        for company in self.world.companies:
            set_external_connection(company=company, allows=True, actor=None)
            staff = [person for person in self.world.people.values() if person.company_id == company.pk]
            grant_members(company=company, members=staff, actor=None)
            for partner in self.world.companies:
                if partner != company:
                    decide(company=company, partner=partner, decision="policy", actor=None)
        rooms = self.model.rooms.values()
        for room in rooms if data.draw(st.sampled_from([True, True, False]), "everything") else ():
            self._reopen(room)
        self._change("open again", lambda: None)
        self.ended_rights = 0

    def _reopen(self, room: Room) -> None:
        if room.kind == Room.Kind.DIRECT:
            one, other = (self.user(pk) for pk in self.model.pair(room.pk))
            self._change("reconnect", lambda: reopen_direct_room(member=one, other=other))
            return
        master = self._master_of(room.pk)
        gone = self.first_members[room.pk] - self.model.members(room.pk) - self.model.inactive
        missing = [self.user(pk) for pk in gone]
        if master and missing:
            asker = self.user(master.member_id)
            self._change("add", lambda: add_members(master=asker, room_id=room.pk, people=missing, opens=True))

    @property
    def first_members(self) -> dict[int, set[int]]:
        rows = Membership.objects.filter(room__in=self.world.groups).values_list("room_id", "member_id")
        return {room.pk: {member for pk, member in rows if pk == room.pk} for room in self.world.groups}

    @staticmethod
    def _master_of(room: int) -> Membership | None:
        return Membership.objects.filter(room=room, ended_at=None, role="master", member__is_active=True).first()

    @happens(3, lambda driver: driver.model.live())
    def go_out_of_a_room(self, data: Data) -> None:
        calls = [self.model.calls[number] for number in self.model.live()]
        groups = [call.room for call in calls if not call.direct]
        room = data.draw(st.sampled_from(groups * 3 + [one.pk for one in self.world.groups]), "room")
        inside = sorted(self.model.members(room) - self.model.inactive)
        if not inside:
            return
        number = self.model.live_in(room)
        joined = sorted(self.model.calls[number].joined & set(inside)) if number else []
        pk = data.draw(st.sampled_from(joined * 3 + inside), "person")
        master = self._master_of(room)
        if data.draw(st.booleans(), "removed") and master and master.member_id != pk:
            asker = self.user(master.member_id)
            self._change("remove", lambda: remove_member(master=asker, room_id=room, member_id=pk))
        else:
            self._change("leave room", lambda: leave_room(member=self.user(pk), room_id=room))

    @happens(1, lambda driver: driver.model.live() and len(driver.model.inactive) < 2)
    def deactivate(self, data: Data) -> None:
        pool = [pk for pk in self.people_of_calls() if pk not in self.model.inactive]
        if pool:
            pk = data.draw(st.sampled_from(sorted(pool)), "member")
            self.model.inactive.add(pk)
            self._change("deactivate", lambda: deactivate_member(member=self.user(pk), actor=None))

    @happens(2, lambda driver: driver.model.inactive)
    def reactivate(self, data: Data) -> None:
        pk = data.draw(st.sampled_from(sorted(self.model.inactive)), "member")
        self.model.inactive.discard(pk)
        self._change("reactivate", lambda: reactivate_member(member=self.user(pk), actor=None))

    # Blocks

    @happens(1, lambda driver: len(driver.model.blocks) < 3)
    def ring_and_block(self, data: Data) -> None:
        """Of two who are about to talk one blocks the other."""
        rooms = [room.pk for room in self.world.directs if room.is_external and not self.model.is_frozen(room.pk)]
        if rooms:
            room = data.draw(st.sampled_from(rooms), "room")
            one, other = data.draw(st.permutations(self.model.pair(room)), "who blocks whom")
            for pk in data.draw(st.sampled_from([(one,), (other,), (one, other)]), "who calls"):
                if pk not in self.model.inactive:
                    self._start(room, pk, self.a_device(data, pk), "voice")
            self._block(one, other)

    @happens(4, lambda driver: driver.calling_abroad() and len(driver.model.blocks) < 3)
    def block(self, data: Data) -> None:
        pairs = [self.model.pair(room) for room in self.calling_abroad()]
        free = [way for pair in pairs for way in (pair, pair[::-1]) if way not in self.model.blocks]
        if not free:
            return
        one, other = data.draw(st.sampled_from(free), "who blocks whom")
        self._block(one, other)

    def calling_abroad(self) -> list[int]:
        """The 1:1 rooms of two companies in which a call goes on."""
        return [room.pk for room in self.world.directs if room.is_external and self.model.live_in(room.pk)]

    def _block(self, one: int, other: int) -> None:
        member, person = self.user(one), self.user(other)
        with TestCase.captureOnCommitCallbacks(execute=True):
            block_external_user(member=member, person=person)
        self.outcomes["block"] += 1
        self.model.block(one, other)

    @happens(1, lambda driver: driver.model.blocks)
    def unblock(self, data: Data) -> None:
        pair = data.draw(st.sampled_from(sorted(self.model.blocks)), "pair")
        member, person = (self.user(pk) for pk in pair)
        unblock_external_user(member=member, person=person)
        self.model.blocks.discard(pair)
