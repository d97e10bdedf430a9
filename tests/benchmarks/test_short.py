"""The live work in its short form: it fails when a message is lost, doubled or out of order, never because of time."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.benchmarks.live.run import work
from tests.benchmarks.live.works import SHORT


@pytest.mark.timeout(240)
def test_i17_i18_i19_nothing_is_lost_doubled_or_out_of_order_under_load(tmp_path: Path) -> None:
    found = work("WorksBridge", settings.DATABASE_URL, tmp_path, None, SHORT, set())
    assert set(found) == {"W1", "W2", "W3", "W4", "W5"}
    wrong = {kind: (one.lost, one.doubled, one.disordered) for kind, one in found.items()}
    assert set(wrong.values()) == {(0, 0, 0)}, wrong
    assert found["W2"].steps
    assert found["W3"].steps
