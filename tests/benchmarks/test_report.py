"""When `make bench` fails."""

import pytest

from tests.benchmarks.live.report import is_right
from tests.benchmarks.live.works import Figures


def test_the_rounds_of_a_system_are_right_when_nothing_was_lost_doubled_or_out_of_order() -> None:
    assert is_right([{"W1": Figures({"W1 p50": 3.0})}, {"W2": Figures({"W2": 600.0})}])


@pytest.mark.parametrize("wrong", ["lost", "doubled", "disordered"])
def test_one_message_in_one_round_is_enough_to_be_wrong(wrong: str) -> None:
    assert not is_right([{"W1": Figures({})}, {"W1": Figures({}), "W2": Figures({}, **{wrong: 1})}])  # type: ignore[arg-type]
