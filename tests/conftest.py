"""What all tests share."""

import os
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from tests.cast import Cast, make_cast
from tests.faults.figures import pytest_terminal_summary  # noqa: F401  (pytest calls it)
from tests.template import migrated_template


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, rather than skip, what needs coturn and Janus where these are not running."""
    if item.get_closest_marker("media") and "TURN_PID" not in os.environ:
        pytest.fail(
            os.environ.get("MEDIA_ERROR", "Run it with `exec --test --media`, as `make test` does."), pytrace=False
        )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let the tests' database be a copy."""
    database = django_settings.DATABASES["default"]
    database.setdefault("TEST", {})["TEMPLATE"] = migrated_template(django_settings.DATABASE_URL)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let the tests empty their own database, which the audit log otherwise refuses."""
    from django.db import connection  # noqa: PLC0415  (only when there is a database)

    tables = ("accounts_auditentry", "accounts_auditseal", "accounts_auditchain")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in tables:
            trigger = table.replace("accounts_audit", "accounts_audit_") + "_not_emptied"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


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
