"""Pages that do not read, in a busy room: they are cut, cost little memory, and their neighbours do not notice."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator

import pytest

from tests.cast import Cast
from tests.faults.conftest import Start
from tests.faults.converging import caught_up
from tests.faults.figures import Record
from tests.faults.load import opened
from tests.faults.page import Page
from tests.faults.rss import MB, sampled
from tests.faults.slow_reader import open_deaf
from tests.faults.store import Store
from tests.faults.world import make_groups
from tests.live.web import WebProcess
from worksbridge.live.transport import WAITING_LIMIT

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
DEAF = 10
# Long messages fill the buffers soon, the kernel's first: three bytes for each character.
LONG_BODY = "가" * 9_900
LONG_EACH_SECOND = 20
PROBES = 30
# For what is no buffer of a socket: a busy process takes more and less.
MARGIN = 60 * MB


def test_i28_pages_that_do_not_read_are_cut_cost_little_memory_and_their_neighbours_do_not_notice(
    launch: Start, cast: Cast, figure: Record
) -> None:
    web = launch()
    world = make_groups(cast, 4)
    pages = world.pages(web.origin)
    sessions = [world.sessions[person] for person in list(world.sessions)[:2]]
    web.wait()
    asyncio.run(_scenario(web, pages, sessions, figure))


async def _scenario(web: WebProcess, pages: list[Page], sessions: list[str], figure: Record) -> None:
    store = Store()
    room = next(iter(pages[0].rooms))
    writer, prober, neighbour, *_ = [page for page in pages if room in page.rooms]
    async with opened(pages), _busy(writer, room):
        await _latency(prober, neighbour, room)
        before = await _latency(prober, neighbour, room)
        async with sampled(web.pid) as samples:
            await asyncio.sleep(0.5)
            with contextlib.ExitStack() as stack:
                for number in range(DEAF):
                    raw = await asyncio.to_thread(open_deaf, web.origin, sessions[number % 2])
                    stack.enter_context(raw)
                beside = await _until_cut(web, prober, neighbour, room)
        await caught_up(pages, store)
    grown = max(sample.size for sample in samples) - samples[0].size
    figure("ms until a neighbour sees a message, before", before * 1000)
    figure(f"ms until a neighbour sees a message, beside {DEAF} that do not read", beside * 1000)
    figure("MB more, at most", grown / MB)
    assert grown < DEAF * 2 * WAITING_LIMIT + MARGIN
    assert beside < max(5 * before, before + 0.3)
    assert all(len(page.connected_at) == 1 for page in pages), "a page that reads was cut"


@contextlib.asynccontextmanager
async def _busy(writer: Page, room: int) -> AsyncIterator[None]:
    """Long messages come into the room until the end of the block."""

    async def work() -> None:
        while True:
            # A machine that is slow today is not asked for more than it takes.
            if len(writer.outbox.waiting()) < LONG_EACH_SECOND:
                writer.outbox.add(room, LONG_BODY)
            await asyncio.sleep(1 / LONG_EACH_SECOND)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until_cut(web: WebProcess, prober: Page, neighbour: Page, room: int) -> float:
    """Wait until every deaf page is cut; the neighbour's latency meanwhile, in seconds."""
    found = []
    end = time.monotonic() + 90
    while web.log.read_text().count("does not read, cut") < DEAF:
        assert time.monotonic() < end, "not every page that does not read was cut"
        found.append(await _latency(prober, neighbour, room))
    return statistics.median(found)


async def _latency(prober: Page, neighbour: Page, room: int) -> float:
    """The median time from the writing of a message until another page shows it, in seconds."""
    found = []
    for _ in range(PROBES):
        written = time.monotonic()
        client = prober.outbox.add(room, "Now?")
        while client not in list(neighbour.rooms[room].shown.values())[-50:]:
            assert time.monotonic() < written + 30, "a neighbour does not see a message"
            await asyncio.sleep(0.002)
        found.append(time.monotonic() - written)
    return statistics.median(found)
