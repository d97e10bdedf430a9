"""Group rooms against a small model of product.md: random histories of consent, people and messages, step by step."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from messaging.actions.masters import make_master
from tests.depth import SOAK, depth
from tests.messaging.group_rules.administration import Administration
from tests.messaging.group_rules.judge import Judge
from tests.messaging.group_rules.messages import Messages
from tests.messaging.group_rules.rooms import Rooms
from tests.messaging.group_rules.world import make_world

PROFILE = settings(
    derandomize=not SOAK,
    database=None,
    deadline=None,
    max_examples=depth(test=5, soak=60),
    stateful_step_count=40,
    # Making a failure smaller takes minutes; add Phase.shrink to look into one.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class GroupRules(Rooms, Messages, Administration):
    """Histories of all that may happen to group rooms, each judged after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge(self)

    @initialize()
    def two_rooms(self) -> None:
        self._create(self.pks[0], [self.pks[n] for n in (1, 3, 4, 6)])
        self._create(self.pks[3], [self.pks[4], self.pks[5]])
        for (pk, room), other in zip(sorted(self.rooms.items()), (self.pks[1], self.pks[4]), strict=True):
            make_master(master=self.user(min(room.masters)), room_id=pk, member_id=other)
            room.masters.add(other)
        # A guest who has blocked another guest, and one of another room who has blocked one of the hosts.
        for pair in ((self.pks[3], self.pks[6]), (self.pks[8], self.pks[3])):
            self._block(*pair)

    @invariant()
    def the_product_is_as_the_model_says(self) -> None:
        self.judge.check()


@pytest.mark.timeout(depth(test=300, soak=3600))
@pytest.mark.django_db
def test_i04_i09_i13_i19_i20_i21_i23_group_rooms_do_what_the_product_says() -> None:
    class Machine(GroupRules):
        world = make_world()
        outcomes = Counter()

    run_state_machine_as_test(Machine, settings=PROFILE)
    print(f"\n{dict(sorted(Machine.outcomes.items()))}")
