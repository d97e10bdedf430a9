"""What the tests with faults share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from launcher.valkey import Valkey
from tests.faults.figures import Record, recorder
from tests.faults.servers import first_free
from tests.live.web import WebProcess

Start = Callable[..., WebProcess]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Record:
    """Says one figure of the test: what it is, and the number."""
    return recorder(record_property)


@pytest.fixture
def launch(transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """Launches web processes, with environment variables given by name, or an `application`; they end with the test.

    Their pages may write as fast as they like. Wait for each before it is used.
    """
    with ExitStack() as stack:

        def start(**options: str) -> WebProcess:
            number = len(list(tmp_path.glob("web*.log")))
            web = WebProcess(tmp_path / f"web{number}.log", LIVE_RATE_FACTOR="1000", **options)
            web.log.touch()
            stack.callback(web.stop)
            web.launch()
            return web

        yield start


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey server of this test alone, running."""
    with first_free(lambda folder: Valkey(folder / "valkey")) as server:
        yield server
