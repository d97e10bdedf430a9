"""What all tests share."""

import gc
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase
from xdist.remote import Producer

from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests import scheduling
from tests.cast import Cast, make_cast
from tests.depth import SEED, told
from tests.faults.figures import print_figures
from tests.heard import Capture, Heard
from tests.report import print_seconds
from tests.snapshot import Kept
from tests.static_files import collect_once
from tests.template import migrated_template
from tests.truncate import empty_tables

# What fails in a judge that tests share says as much as in a test itself.
pytest.register_assert_rewrite("tests.calls", "tests.live", "tests.messaging")
_cast = Kept(make_cast)


def pytest_report_header() -> str:
    """How far the tests go, and the number that what is random follows from."""
    return told()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the faults took, and where the time went."""
    print_figures(terminalreporter)
    print_seconds(terminalreporter)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, rather than skip, what needs coturn and Janus where these are not running."""
    if item.get_closest_marker("media") and "TURN_PID" not in os.environ:
        pytest.fail(
            os.environ.get("MEDIA_ERROR", "Run it with `exec --test --media`, as `make test` does."), pytrace=False
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests into the order of `tests/scheduling.py`."""
    scheduling.check(items)
    scheduling.order(items)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through it again and again took a fiftieth of all."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> scheduling.Scheduling:
    """Hand tests out as `tests/scheduling.py` says."""
    return scheduling.Scheduling(config, log)


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
def seeded(request: pytest.FixtureRequest) -> None:
    """Chance begins anew for each test, whatever ran before it in this process."""
    random.seed(f"{SEED} {request.node.nodeid}")


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


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run that all its test processes share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def collected_static(shared_folder: Path) -> Path:
    """The static files, under names by their content too, as in a deployment."""
    return collect_once(shared_folder / "static")


@pytest.fixture
def quick_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads hand over more often: otherwise each waits for all the others after every query. Nothing is pushed."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    # Nobody listens, and handing pushes to Valkey from a thread without a loop would take most of the time.
    monkeypatch.setattr("worksbridge.live.push.publish", lambda message: None)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture) -> Heard:
    """What is pushed, and to whom."""
    return Heard(monkeypatch, django_capture_on_commit_callbacks)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The cast of every test."""
    request.getfixturevalue("db" if "transactional_db" not in request.fixturenames else "transactional_db")
    return _cast()


@pytest.fixture
def room(cast: Cast) -> Room:
    """The 1:1 room of Kim (alpha) and Sato (beta)."""
    return open_direct_room(member=cast.kim, other=cast.sato)
