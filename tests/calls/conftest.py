"""What tests of calls share."""

from typing import Any

import pytest

from messaging.actions.groups import create_group_room
from messaging.models import Room
from tests.calls.ring import without_media_servers
from tests.cast import Cast


@pytest.fixture
def no_media_servers(settings: Any) -> None:
    """No TURN and no Janus, whatever runs beside the tests."""
    without_media_servers(settings)


@pytest.fixture
def group(cast: Cast) -> Room:
    """Kim, Lee (alpha), Sato and Ito (beta)."""
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Project X")
