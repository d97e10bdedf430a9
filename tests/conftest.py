"""What all tests share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hash passwords with few rounds."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]


@pytest.fixture(autouse=True)
def own_valkey_names(settings: object, request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that run beside each other share one Valkey, not its keys; counters of limits start anew."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{worker}"}}
    yield
    cache.clear()


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The cast of every test."""
    request.getfixturevalue("db" if "transactional_db" not in request.fixturenames else "transactional_db")
    return make_cast()
