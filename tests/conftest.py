"""What all tests share."""

from uuid import uuid4

import pytest

from tests.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hash passwords with few rounds."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]


@pytest.fixture(autouse=True)
def own_valkey_names(settings: object) -> None:
    """Tests that run beside and after each other share one Valkey, not the counters in it."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The cast of every test."""
    request.getfixturevalue("db" if "transactional_db" not in request.fixturenames else "transactional_db")
    return make_cast()
