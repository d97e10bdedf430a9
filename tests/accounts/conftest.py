"""What the tests of accounts share."""

import pytest

from accounts.actions.audit import audit
from tests.cast import Cast


@pytest.fixture
def log(cast: Cast) -> Cast:
    """Alpha has ten entries of its own after those that made the cast."""
    for number in range(10):
        audit([cast.alpha.pk], cast.kim, "room.edited", room=number, before={"name": "가"}, after={"name": "b\\u\n"})
    return cast
