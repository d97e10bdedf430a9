"""Random histories of group rooms: who does something, and how it is tried on the product."""

from collections import Counter
from collections.abc import Callable, Iterable

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts.models import User
from tests.messaging.group_rules.model import Consent, RoomModel
from tests.messaging.group_rules.world import World
from worksbridge.errors import WorksBridgeError

Data = st.DataObject


class Driver(RuleBasedStateMachine):
    """One history: who does what is drawn; it is done to the product and to the model."""

    world: World
    outcomes: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.pks = sorted(self.world.people)
        self.company_pks = sorted(self.world.companies)
        self.consent = Consent({pk: person.company_id for pk, person in self.world.people.items()})
        self.consent.on = set(self.company_pks[:3])
        self.rooms: dict[int, RoomModel] = {}
        self.step = 0
        # What was said in this step: where, and by whom.
        self.sent: list[tuple[int, int]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # Picking: mostly what can work, sometimes what cannot.

    def user(self, pk: int) -> User:
        return self.users([pk])[0]

    def users(self, pks: Iterable[int]) -> list[User]:
        found = User.objects.select_related("company").in_bulk(list(pks))
        return [found[pk] for pk in pks]

    def a_room(self, data: Data) -> tuple[int, RoomModel]:
        pk = data.draw(st.sampled_from(sorted(self.rooms)), "room")
        return pk, self.rooms[pk]

    def a_company(self, data: Data) -> int:
        return data.draw(st.sampled_from(self.company_pks), "company")

    def someone(self, data: Data, first: Iterable[int] = ()) -> int:
        """An active person: mostly one of `first`, else anyone."""
        everyone = sorted(set(self.pks) - self.consent.inactive)
        preferred = sorted(set(first) - self.consent.inactive)
        weight = 3 * len(everyone) // max(len(preferred), 1)
        return data.draw(st.sampled_from(preferred * weight + everyone), "person")

    def some_who_fit(self, data: Data, inside: Iterable[int]) -> list[int]:
        """Active people, mostly such as may be together with those `inside` as far as each of them is concerned."""
        others = sorted(set(self.pks) - self.consent.inactive - set(inside))
        fitting = [pk for pk in others if self.consent.together([pk, *inside])]
        pool = fitting if fitting and data.draw(st.integers(0, 3)) else others
        return data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4, unique=True), "people") if pool else []

    def attempt(self, work: Callable[[], object], *, allowed: bool, name: str) -> bool:
        self.step += 1
        try:
            work()
        except WorksBridgeError as error:
            assert not allowed, f"refused: {error}"
        else:
            assert allowed, "should have been refused"
        self.outcomes[f"{name} {'done' if allowed else 'refused'}"] += 1
        return allowed
