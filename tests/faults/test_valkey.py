"""Valkey is restarted, emptied, and away for a while: pushes are lost, messages are not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import redis

from launcher.valkey import Valkey
from tests.cast import Cast
from tests.depth import depth
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare, until
from tests.faults.figures import Record
from tests.faults.load import opened, under_load, write
from tests.faults.page import Page
from tests.faults.store import Store
from tests.faults.world import make_groups

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
# Longer than the waits between two tries to subscribe again.
AWAY = depth(test=8, soak=30)
PER_SECOND = depth(test=10, soak=40)


def test_i17_i20_i43_messages_come_through_while_valkey_is_restarted_emptied_and_away(
    launch: Start, cast: Cast, valkey: Valkey, figure: Record
) -> None:
    # Two web processes: pages of one hear of each other without Valkey.
    near, far = (launch(REDIS_URL=valkey.url, CHANNEL_PREFIX="both") for _ in range(2))
    world = make_groups(cast, 8)
    near.wait()
    far.wait()
    asyncio.run(_scenario(valkey, world.pages(near.origin, each=1) + world.pages(far.origin, each=1), figure))


async def _scenario(valkey: Valkey, pages: list[Page], figure: Record) -> None:
    async with opened(pages):
        for name, fault in (
            ("restarted", lambda: _away(valkey, 0)),
            ("emptied", lambda: asyncio.to_thread(_empty, valkey)),
            (f"away for {AWAY} s", lambda: _away(valkey, AWAY)),
        ):
            figure(f"s from its end until all is stored and shown: {name}", await _bear(pages, fault))
            await _pushes_flow(pages)
        figure(
            "s from the end of the writing until all is stored and shown: without Valkey", await _without(valkey, pages)
        )
    assert not any(page.outbox.retried for page in pages), "without Valkey messages are stored all the same"
    assert all(len(page.connected_at) == 1 for page in pages), "without Valkey pages stay connected"


async def _bear(pages: list[Page], fault: Callable[[], Awaitable[None]]) -> float:
    """The fault under load; the seconds from its end until all written before is stored and shown."""
    store = Store()
    async with under_load(pages, PER_SECOND):
        await asyncio.sleep(1)
        await fault()
        took = await caught_up(pages, store)
    await caught_up(pages, store)
    await compare(pages, store)
    return took


async def _without(valkey: Valkey, pages: list[Page]) -> float:
    """All is shown although no push comes from the other process, and no later one says what was missed; in seconds."""
    await asyncio.to_thread(valkey.stop)
    await write(pages, 50, PER_SECOND)
    return await caught_up(pages, Store())


async def _away(valkey: Valkey, seconds: float) -> None:
    await asyncio.to_thread(valkey.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(valkey.start)


def _empty(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()


async def _pushes_flow(pages: list[Page]) -> None:
    """The hub has subscribed again: a message is shown to the others before any heartbeat could tell them of it."""
    writer, (pk, room) = pages[0], next(iter(pages[0].rooms.items()))
    others = [page.rooms[pk] for page in pages if pk in page.rooms]

    def asked() -> int:
        return sum(other.fetches for other in others)

    async def by_push() -> bool:
        before, head = asked(), room.rev
        writer.outbox.add(pk, "Does this come as a push?")
        await until(lambda: all(other.rev > head for other in others), "a message is not shown")
        return asked() == before

    for _attempt in range(20):
        if await by_push():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("pushes do not flow again")
