"""Postgres is shut down, and crashes, under load: nothing is acknowledged that is not stored, and all comes through."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from launcher.postgres import Postgres
from tests.cast import Cast
from tests.depth import SOAK, depth
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare
from tests.faults.database import copied, restart
from tests.faults.figures import Record
from tests.faults.load import opened, under_load
from tests.faults.page import Page
from tests.faults.servers import first_free
from tests.faults.store import Store
from tests.faults.world import make_groups

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500 if SOAK else 300), pytest.mark.django_db(transaction=True)]
ROUNDS = depth(test=1, soak=10)
AWAY = depth(test=6, soak=60)
FAULTS = (
    ("restarted", signal.SIGINT, 0.0),
    ("crashed", signal.SIGQUIT, 0.0),
    (f"away for {AWAY} s", signal.SIGINT, float(AWAY)),
)
PER_SECOND = 40


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A durable Postgres server of this test alone: a crash keeps what was committed."""
    with first_free(lambda folder: Postgres(folder / "postgres", durable=True)) as server:
        yield server


def test_i17_i18_i20_messages_come_through_while_postgres_is_restarted_and_crashes(
    launch: Start, cast: Cast, postgres: Postgres, figure: Record
) -> None:
    world = make_groups(cast, 8)
    url = copied(postgres)
    web = launch(DATABASE_URL=url)
    pages = world.pages(web.origin)
    web.wait()
    asyncio.run(_scenario(postgres, pages, Store(url), figure))


async def _scenario(postgres: Postgres, pages: list[Page], store: Store, figure: Record) -> None:
    async with opened(pages):
        for name, how, away in FAULTS * ROUNDS:
            before = _connections(pages)
            async with under_load(pages, PER_SECOND):
                await asyncio.sleep(1)
                await asyncio.to_thread(restart, postgres, how, away)
                took = await caught_up(pages, store)
            figure(f"s from its end until all is stored and shown: {name}", took)
            await caught_up(pages, store)
            await compare(pages, store)
            if not away:
                assert _connections(pages) == before, "a page lost its connection because of the database"
    assert any(page.outbox.retried for page in pages), "no page was told to try again"


def _connections(pages: list[Page]) -> int:
    return sum(len(page.connected_at) for page in pages)
