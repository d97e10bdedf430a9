"""Calls against a small model of product.md: random histories of rings, answers, lost pages and rights that end."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from tests.calls.ring import without_media_servers
from tests.calls.rules.judge import Judge
from tests.calls.rules.model import LOST, RECOVER, RING
from tests.calls.rules.rights import Rights
from tests.calls.rules.world import make_world
from tests.depth import SOAK, depth

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


class CallRules(Rights):
    """Histories of all that may happen to calls, each judged after every step and at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge(self)

    @initialize()
    def somebody_has_blocked_somebody(self) -> None:
        first, other = self.model.pair(self.world.directs[2].pk)
        self._block(first, other)

    @invariant()
    def the_product_is_as_the_model_says(self) -> None:
        self.judge.check()

    def teardown(self) -> None:
        try:
            self.all_pages_fall_silent()
            self.judge.check_the_end()
        finally:
            super().teardown()


@pytest.mark.timeout(depth(test=300, soak=3600))
@pytest.mark.django_db
def test_i09_i13_i15_i33_i34_calls_do_what_the_product_says(settings: Any) -> None:
    without_media_servers(settings)
    settings.CALLS_RING_SECONDS, settings.CALLS_LOST_SECONDS, settings.CALLS_RECOVER_SECONDS = RING, LOST, RECOVER

    class Machine(CallRules):
        world = make_world()
        outcomes = Counter()

    run_state_machine_as_test(Machine, settings=PROFILE)
    print(f"\n{dict(sorted(Machine.outcomes.items()))}")
    done = ("start", "join", "decline", "leave", "lost", "dropped", "ended by a right", "block in a call", "signal")
    assert min(Machine.outcomes[name] for name in done) > 0, Machine.outcomes
    # Each of these needs several things to come together; the cases themselves are in test_direct_calls.py.
    refused = ("join: over", "join: elsewhere", "join: in_call", "join: not_found", "start: blocked")
    assert not SOAK or min(Machine.outcomes[name] for name in refused) > 0, Machine.outcomes
