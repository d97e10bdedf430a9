"""The web process is killed at moments taken by chance, while every tenth push is lost."""

import asyncio
import random
import signal
import time

import pytest

from tests.cast import Cast
from tests.depth import SOAK, depth
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare, until
from tests.faults.figures import Record
from tests.faults.load import opened, write
from tests.faults.pace import HASTY
from tests.faults.page import Page
from tests.faults.store import Store
from tests.faults.world import make_groups
from tests.live.web import WebProcess

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 if SOAK else 400), pytest.mark.django_db(transaction=True)]
MESSAGES = depth(test=1_500, soak=10_000)
PER_SECOND = 500
KILLS = depth(test=4, soak=20)


def test_i17_i18_i19_i20_i21_i41_all_is_stored_and_shown_once_though_the_web_process_is_killed(
    launch: Start, cast: Cast, figure: Record
) -> None:
    web = launch(application="tests.faults.dropping:application")
    pages = make_groups(cast).pages(web.origin, pace=HASTY)
    web.wait()
    asyncio.run(_scenario(web, pages, figure))


async def _scenario(web: WebProcess, pages: list[Page], figure: Record) -> None:
    store = Store()
    async with opened(pages):
        writing = asyncio.create_task(write(pages, MESSAGES, PER_SECOND))
        for number, moment in enumerate(_moments()):
            await until(lambda: _acknowledged(pages) >= moment, "writing stands still", 150)  # noqa: B023  (at once)
            # Two moments may be so close that the second has passed before anybody is back.
            await until(lambda: any(page.is_connected for page in pages), "no page comes back")
            killed = time.monotonic()
            await asyncio.to_thread(web.restart, signal.SIGKILL)
            figure(f"s until it answers again, kill {number + 1}", time.monotonic() - killed)
        await writing
        figure("s from the end of the writing until all is stored and shown", await caught_up(pages, store, 120))
        figure("messages to be tried again", sum(page.outbox.retried for page in pages))
        await compare(pages, store)
    assert _acknowledged(pages) == MESSAGES
    # A page need not be back by the next kill, but each was cut at least once.
    assert all(len(page.connected_at) > 1 for page in pages)
    figure("questions what changed", sum(room.fetches for page in pages for room in page.rooms.values()))


def _acknowledged(pages: list[Page]) -> int:
    return sum(len(page.outbox.acknowledged) for page in pages)


def _moments() -> list[int]:
    """After how many acknowledged messages it is killed."""
    chance = random.Random(11)
    return sorted(chance.randrange(MESSAGES * 19 // 20) for _ in range(KILLS))
