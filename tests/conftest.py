"""What all tests share."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase

from tests.cast import Cast, make_cast
from tests.emptied import empty_tables
from tests.faults.figures import pytest_terminal_summary  # noqa: F401  (pytest calls it)
from tests.kept import Kept
from tests.template import migrated_template

_cast = Kept(make_cast)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, rather than skip, what needs coturn and Janus where these are not running."""
    if item.get_closest_marker("media") and "TURN_PID" not in os.environ:
        pytest.fail(
            os.environ.get("MEDIA_ERROR", "Run it with `exec --test --media`, as `make test` does."), pytrace=False
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the faults: one process waits for them while the others compute."""
    items.sort(key=lambda item: item.get_closest_marker("faults") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let the tests' database be a copy."""
    database = django_settings.DATABASES["default"]
    database.setdefault("TEST", {})["TEMPLATE"] = migrated_template(django_settings.DATABASE_URL)


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """After a test that committed, the tables are emptied as fast as can be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hash passwords with few rounds."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]


@pytest.fixture(autouse=True)
def quick_clients(settings: object) -> None:
    """A test's client does not look through all static files at its first request."""
    settings.WHITENOISE_AUTOREFRESH = True


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
    return _cast()
