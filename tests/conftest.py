"""What all tests share."""

import os
from uuid import uuid4

import pytest

from tests.cast import Cast, make_cast


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, rather than skip, what needs coturn and Janus where these are not running."""
    if item.get_closest_marker("media") and "TURN_PID" not in os.environ:
        pytest.fail(
            os.environ.get("MEDIA_ERROR", "Run it with `exec --test --media`, as `make test` does."), pytrace=False
        )


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hash passwords with few rounds."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]


@pytest.fixture(autouse=True)
def own_valkey_names(settings: object) -> None:
    """Tests that run beside and after each other share one Valkey, neither the counters in it nor the pushes."""
    prefix = uuid4().hex
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": prefix}}
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"prefix": prefix}}}


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The cast of every test."""
    request.getfixturevalue("db" if "transactional_db" not in request.fixturenames else "transactional_db")
    return make_cast()
