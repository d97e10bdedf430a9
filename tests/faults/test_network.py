"""The network is cut without a word: nothing gets through, and no connection is closed."""

import asyncio
import time

import pytest

from tests.cast import Cast
from tests.depth import depth
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare
from tests.faults.figures import Record
from tests.faults.load import opened, under_load
from tests.faults.pace import BRISK, REAL
from tests.faults.page import Page
from tests.faults.proxy import Proxy
from tests.faults.store import Store
from tests.faults.world import make_groups
from tests.live.web import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
PACE = depth(test=BRISK, soak=REAL)
# In seconds: a cut during which the answer to a heartbeat is waited for, and one in which pages try to connect again.
BLINK, CUT = depth(test=(1.5, 14), soak=(5, 90))
# The next heartbeat comes this long after the cut.
BEFORE_BEAT = depth(test=1, soak=2)
PER_SECOND = 20


def test_i20_i21_pages_notice_a_silent_cut_by_their_heartbeat_and_what_they_wrote_is_sent_once(
    launch: Start, cast: Cast, figure: Record
) -> None:
    ports = [free_port(), free_port()]
    origins = [f"http://127.0.0.1:{port}" for port in ports]
    web = launch(ORIGINS=",".join(origins))
    world = make_groups(cast, 8)
    blinking, cut = (world.pages(origin, each=1, pace=PACE) for origin in origins)
    web.wait()
    asyncio.run(_scenario([web.port], ports, blinking, cut, figure))


async def _scenario(
    backends: list[int], ports: list[int], blinking: list[Page], cut: list[Page], figure: Record
) -> None:
    proxies = [Proxy(port, backends) for port in ports]
    store, pages = Store(), blinking + cut
    async with proxies[0].running(), proxies[1].running(), opened(pages):
        async with under_load(pages, PER_SECOND):
            opened_at = max(page.connected_at[-1] for page in pages)
            await asyncio.sleep(opened_at + PACE.beat - BEFORE_BEAT - time.monotonic())
            took = await asyncio.gather(_cut(proxies[0], BLINK, blinking, store), _cut(proxies[1], CUT, cut, store))
        await caught_up(pages, store)
        await compare(pages, store)
    for seconds, needed in zip((BLINK, CUT), took, strict=True):
        figure(f"s from its end until all is stored and shown: cut for {seconds} s", needed)
    assert all(page.given_up for page in cut), "the pages' heartbeats do not notice"
    assert not any(page.given_up for page in blinking), "a short cut is waited for"


async def _cut(proxy: Proxy, seconds: float, pages: list[Page], store: Store) -> float:
    proxy.cut()
    await asyncio.sleep(seconds)
    proxy.mend()
    return await caught_up(pages, store)
