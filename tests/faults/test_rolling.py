"""Four web processes behind a proxy are restarted one after another: a deploy that no one notices."""

import asyncio
import time

import pytest

from tests.cast import Cast
from tests.depth import depth
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare, until
from tests.faults.figures import Record
from tests.faults.load import opened, under_load
from tests.faults.pace import REAL
from tests.faults.page import Page
from tests.faults.proxy import Proxy
from tests.faults.store import Store
from tests.faults.world import make_groups
from tests.live.web import WebProcess, free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]
PROCESSES = 4
ROUNDS = depth(test=1, soak=5)
PER_SECOND = depth(test=15, soak=30)
# Of the pages of one process, at most this part may try again within one slot of so many seconds, on average. Both the
# server and the pages draw lots: of the few pages of one process more than that may happen to agree.
SLOT, CROWD = 0.5, 0.75
# So many seconds after the process has gone the last page is back.
LAST_BACK = 60


def test_i17_i18_i20_i41_a_rolling_restart_loses_and_doubles_nothing_and_pages_come_back_spread_out(
    launch: Start, cast: Cast, figure: Record
) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    webs = [launch(ORIGINS=origin, CHANNEL_PREFIX=f"rolling-{port}", DATABASE_POOL="6") for _ in range(PROCESSES)]
    pages = make_groups(cast).pages(origin, pace=REAL)
    asyncio.run(_scenario(port, webs, pages, figure))


async def _scenario(port: int, webs: list[WebProcess], pages: list[Page], figure: Record) -> None:
    store, proxy = Store(), Proxy(port, [web.port for web in webs])
    await asyncio.gather(*(asyncio.to_thread(web.wait) for web in webs))
    async with proxy.running(), opened(pages):
        async with under_load(pages, PER_SECOND):
            await asyncio.sleep(1)
            back = [await _restart(web, pages) for web in webs * ROUNDS]
            figure("s from the last restart until all is stored and shown", await caught_up(pages, store))
        await caught_up(pages, store)
        await compare(pages, store)
    crowded = sum(_crowd(each) for each in back) / sum(len(each) for each in back)
    figure(
        "s from the signal until the last of its pages tries again, at most", max(max(each) for each in back if each)
    )
    figure("of its pages within half a second, on average", crowded)
    assert not any(page.given_up for page in pages), "a connection was left hanging"
    assert sum(len(each) for each in back) >= len(pages) / 2, "too few pages had to come back to tell anything"
    assert crowded <= CROWD, [sorted(each) for each in back]


async def _restart(web: WebProcess, pages: list[Page]) -> list[float]:
    """Restart one process. After how many seconds each of its pages tries to come back."""
    before = {page: len(page.tries_at) for page in pages}
    stopped = time.monotonic()
    await asyncio.to_thread(web.stop)
    gone = time.monotonic()
    await asyncio.to_thread(web.start)
    left = gone + LAST_BACK - time.monotonic()
    await until(lambda: all(page.is_connected for page in pages), "not every page is back", left)
    return [page.tries_at[known] - stopped for page, known in before.items() if len(page.tries_at) > known]


def _crowd(back: list[float]) -> int:
    """How many try within the slot in which most do."""
    return max((sum(one <= other < one + SLOT for other in back) for one in back), default=0)
