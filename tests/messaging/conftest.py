"""What tests of rights that end share."""

from typing import Any

import pytest

from tests.messaging.rights import World, kept_world


@pytest.fixture
def world(db: None) -> World:
    """The companies, people and rooms on which rights end."""
    return kept_world()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What goes out to the hubs of all processes."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("worksbridge.live.push.publish", sent.append)
    return sent
