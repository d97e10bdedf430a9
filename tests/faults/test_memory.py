"""Fifty busy 1:1 rooms: the memory of the web process stays flat."""

import asyncio

import pytest

from tests.cast import Cast
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare
from tests.faults.figures import Record
from tests.faults.length import LONG, short_or_long
from tests.faults.load import opened, under_load
from tests.faults.page import Page
from tests.faults.rss import MB, sampled, slope
from tests.faults.store import Store
from tests.faults.world import make_pairs
from tests.live.web import WebProcess

pytestmark = [pytest.mark.faults, pytest.mark.timeout(4500 if LONG else 300), pytest.mark.django_db(transaction=True)]
PAIRS = 50
PER_SECOND = 30
WARM_UP = short_or_long(20, 300)
MEASURED = short_or_long(28, 3300)
# A leak of a few kilobytes for each message passes this; an hour tells more.
MOST_EACH_SECOND = short_or_long(0.25 * MB, 0.01 * MB)


def test_i28_the_memory_of_the_web_process_is_flat_under_load(launch: Start, cast: Cast, figure: Record) -> None:
    web = launch()
    pages = make_pairs(cast, PAIRS).pages(web.origin, each=1)
    web.wait()
    asyncio.run(_scenario(web, pages, figure))


async def _scenario(web: WebProcess, pages: list[Page], figure: Record) -> None:
    store = Store()
    async with opened(pages):
        async with under_load(pages, PER_SECOND):
            await asyncio.sleep(WARM_UP)
            async with sampled(web.pid) as samples:
                await asyncio.sleep(MEASURED)
        figure("s from the end of the writing until all is stored and shown", await caught_up(pages, store))
        await compare(pages, store)
    figure("MB resident", samples[-1].size / MB)
    figure("kB more each second", slope(samples) / 1024)
    assert slope(samples) < MOST_EACH_SECOND
