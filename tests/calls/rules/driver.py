"""Random histories: what may happen in a step, who does it, and how it is tried on the product."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from accounts.models import User
from calls.models import Call, Participant
from tests.calls.rules.model import Model
from tests.calls.rules.world import World
from worksbridge.errors import WorksBridgeError

Data = st.DataObject
# What may happen in a step: the method, how often beside the others, and when at all.
STEPS: list[tuple[str, int, Callable[[Any], Any]]] = []


def happens(often: int, when: Callable[[Any], Any] = lambda _driver: True) -> Callable[[Any], Any]:
    """Register the decorated method as something that may happen."""

    def register(method: Any) -> Any:
        STEPS.append((method.__name__, often, when))
        return method

    return register


class Driver(RuleBasedStateMachine):
    """One history: draws its steps, and does each to the product and to the model."""

    world: World
    outcomes: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.pks = sorted(self.world.people)
        self.model = Model((*self.world.directs, *self.world.groups), self.outcomes)
        self.devices = {pk: [uuid4(), uuid4()] for pk in self.pks}
        # How much has ended since everything was open.
        self.ended_rights = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(data=st.data())
    def step_on(self, data: Data) -> None:
        """One rule that draws what happens: hypothesis's own choice would leave out most of them in each history."""
        able = [name for name, often, when in STEPS if when(self) for _time in range(often)]
        getattr(self, data.draw(st.sampled_from(able), "what"))(data)

    def attempt(self, name: str, work: Callable[[], Any], code: str) -> Any:
        """Do it; `code` is what it must be refused with, nothing when it must be done."""
        before = list(Call.objects.order_by("pk").values_list()), list(Participant.objects.order_by("pk").values_list())
        try:
            with transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
                found = work()
        except WorksBridgeError as error:
            assert error.code in code.split("|"), f"{name}: refused with {error.code}, expected {code or 'none'}"
            self.outcomes[f"{name}: {error.code}"] += 1
            after = [list(model.objects.order_by("pk").values_list()) for model in (Call, Participant)]
            assert after == list(before), name
            return None
        assert not code, f"{name} should have been refused: {code}"
        self.outcomes[name] += 1
        return found

    # Picking: mostly what can work, sometimes what cannot.

    def user(self, pk: int) -> User:
        return User.objects.select_related("company").get(pk=pk)

    def a_room(self, data: Data) -> int:
        return data.draw(st.sampled_from(sorted(self.model.rooms)), "room")

    def a_call(self, data: Data) -> int:
        pool = self.model.live() * 4 + list(self.model.calls)[-4:]
        return data.draw(st.sampled_from(pool), "call")

    def someone(self, data: Data, first: Iterable[int] = ()) -> int:
        preferred = sorted(set(first) - self.model.inactive)
        everyone = [pk for pk in self.pks if pk not in self.model.inactive]
        weight = 6 * len(everyone) // max(len(preferred), 1)
        return data.draw(st.sampled_from(preferred * weight + everyone), "person")

    def a_device(self, data: Data, pk: int) -> UUID:
        device = self.devices[pk][data.draw(st.sampled_from([0, 0, 0, 1]), "device")]
        self.model.dead.discard(device)
        return device
