"""Steps of the histories: administrators close and open, choose their people, and deactivate them."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.actions.members import deactivate_member, reactivate_member
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from tests.decisions import decide, set_member_grant, set_partner_rule
from tests.messaging.group_rules.driver import Data, Driver
from tests.messaging.group_rules.model import excluded

MOST_INACTIVE = 4


class Administration(Driver):
    """Each rule changes consent, and says with the model who is put out of which room by it."""

    def _change(self, company: int, work: Callable[[], None], turn: Callable[[], object], *, off: bool = False) -> None:
        """`work` changes the product, `turn` the model; what ends is worked out from before and after."""
        pairs, granted, active = self.consent.open_pairs(), self.consent.granted(), self.consent.inactive.copy()
        self.step += 1
        work()
        turn()
        parted = {pk for pair in pairs - self.consent.open_pairs() for pk in pair if company in pair} - {company}
        lost = granted - self.consent.granted() | self.consent.inactive - active
        for room in self.rooms.values():
            gone = excluded(room, self.consent, closer=company, parted=parted, lost=lost, off=off)
            room.end(gone)
            self.outcomes["excluded"] += len(gone)
            if gone:
                room.settle(self.consent)

    @rule(data=st.data(), what=st.sampled_from(["switch", "partner", "partners", "grant to", "members"]))
    def administrate(self, data: Data, what: str) -> None:
        pk = self.a_company(data)
        if what == "switch":
            self._switch(pk, allows=data.draw(st.booleans(), "allows"))
        elif what == "partner":
            self._decide(pk, self.a_company(data), data.draw(st.sampled_from(["allow", "deny", "policy"]), "decision"))
        elif what == "partners":
            self._approve(pk, approved=data.draw(st.booleans(), "approved only"))
        elif what == "grant to":
            self._grant_to(pk, chosen=data.draw(st.booleans(), "chosen only"))
        else:
            own = [person for person in self.pks if self.consent.company_of[person] == pk]
            people = data.draw(st.lists(st.sampled_from(own), min_size=1, unique=True), "members")
            self._choose(pk, people, give=data.draw(st.sampled_from([True, True, False]), "give"))

    @rule(opened=st.integers(3, 4))
    def open_again(self, opened: int) -> None:
        """Most companies allow whomever they have not denied: what opens revives nothing (I13)."""
        for pk in self.company_pks[:opened]:
            self._switch(pk, allows=True)
            self._approve(pk, approved=False)
            self._grant_to(pk, chosen=False)

    def _switch(self, pk: int, *, allows: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.on.add if allows else self.consent.on.discard
        self._change(
            pk,
            lambda: set_external_connection(company=company, allows=allows, actor=admin),
            lambda: turn(pk),
            off=not allows,
        )

    def _decide(self, pk: int, other: int, decision: str) -> None:
        mine, theirs, admin = self.world.companies[pk], self.world.companies[other], self.world.admins[pk]
        if pk != other:
            self._change(
                pk,
                lambda: decide(company=mine, partner=theirs, decision=decision, actor=admin),
                lambda: self.consent.decided.update({(pk, other): decision}),
            )

    def _approve(self, pk: int, *, approved: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.approved_only.add if approved else self.consent.approved_only.discard
        value = "approved" if approved else "any"
        self._change(pk, lambda: set_partner_rule(company=company, rule=value, actor=admin), lambda: turn(pk))

    def _grant_to(self, pk: int, *, chosen: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.chosen_only.add if chosen else self.consent.chosen_only.discard
        value = "chosen" if chosen else "all"
        self._change(pk, lambda: set_member_grant(company=company, grant_to=value, actor=admin), lambda: turn(pk))

    def _choose(self, pk: int, people: list[int], *, give: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        verb = grant_members if give else withdraw_members
        turn = self.consent.chosen.update if give else self.consent.chosen.difference_update
        self._change(pk, lambda: verb(company=company, members=self.users(people), actor=admin), lambda: turn(people))

    @precondition(lambda self: len(self.consent.inactive) < MOST_INACTIVE)
    @rule(data=st.data())
    def deactivate(self, data: Data) -> None:
        _pk, room = self.a_room(data)
        pk = self.someone(data, room.masters)
        company = self.consent.company_of[pk]
        self._change(
            company,
            lambda: deactivate_member(member=self.user(pk), actor=self.world.admins[company]),
            lambda: self.consent.inactive.add(pk),
        )
        for room in self.rooms.values():
            # In the rooms inside their company they stay in the list, but their mastership passes on.
            room.settle(self.consent)
            if room.has_host(room.masters | room.heirs, self.consent):
                room.masters.discard(pk)

    @precondition(lambda self: self.consent.inactive)
    @rule(data=st.data())
    def reactivate(self, data: Data) -> None:
        pk = data.draw(st.sampled_from(sorted(self.consent.inactive)), "person")
        reactivate_member(member=self.user(pk), actor=self.world.admins[self.consent.company_of[pk]])
        self.consent.inactive.discard(pk)
