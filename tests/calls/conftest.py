"""What tests of calls share."""

from typing import Any

import pytest

from messaging.actions.groups import create_group_room
from messaging.models import Room
from tests.calls.guarded import Guarded, make_guarded
from tests.calls.ring import without_media_servers
from tests.cast import Cast
from tests.messaging.rights import World, kept_world


@pytest.fixture
def no_media_servers(settings: Any) -> None:
    """No TURN and no Janus, whatever runs beside the tests."""
    without_media_servers(settings)


@pytest.fixture
def group(cast: Cast) -> Room:
    """Kim, Lee (alpha), Sato and Ito (beta)."""
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Project X")


@pytest.fixture
def world(db: None) -> World:
    """The companies, people and rooms on which rights end."""
    return kept_world()


@pytest.fixture
def guarded(cast: Cast) -> Guarded:
    """Calls of Kim and Sato, and of Lee in a group room."""
    return make_guarded(cast)
