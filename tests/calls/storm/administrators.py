"""What closes and opens in the storm."""

import random
import time

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import Company, User
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from tests.calls.storm.storm import CallStorm
from tests.calls.storm.world import World
from tests.decisions import decide
from tests.storms import Work


class Administrators:
    """What closes and opens; each method is one round."""

    def __init__(self, storm: CallStorm, world: World) -> None:
        self.storm = storm
        self.world = world

    def _company(self) -> tuple[Company, list[User]]:
        number = random.randrange(3)
        return self.world.companies[number], self.world.staff[number]

    def switch(self) -> None:
        company, _staff = self._company()
        self._round(
            "switch off",
            lambda: set_external_connection(company=company, allows=False, actor=None),
            lambda: set_external_connection(company=company, allows=True, actor=None),
        )

    def deny(self) -> None:
        one, other = random.sample(self.world.companies, 2)
        self._round(
            "deny",
            lambda: decide(company=one, partner=other, decision="deny", actor=None),
            lambda: decide(company=one, partner=other, decision="policy", actor=None),
        )

    def withdraw(self) -> None:
        company, staff = self._company()
        people = random.sample(staff, 2)
        self._round(
            "withdraw",
            lambda: withdraw_members(company=company, members=people, actor=None),
            lambda: grant_members(company=company, members=people, actor=None),
        )

    def deactivate(self) -> None:
        _company, staff = self._company()
        pk = random.choice(staff).pk
        self._round(
            "deactivate",
            lambda: deactivate_member(member=User.objects.get(pk=pk), actor=None),
            lambda: reactivate_member(member=User.objects.get(pk=pk), actor=None),
        )

    def _round(self, name: str, close: Work, reopen: Work) -> None:
        self.storm.act(name, close)
        time.sleep(random.random() / 50)
        self.storm.act("open again", reopen)
        # Open for longer than closed: a storm in which nearly all is refused proves little.
        time.sleep(random.random() * 1.5)
