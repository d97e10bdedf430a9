"""The clocks of two web processes are a minute apart: the order of messages and rooms does not come from clocks."""

import asyncio
import re
import time
from itertools import pairwise

import pytest

from tests.cast import Cast
from tests.faults.clock import shifted
from tests.faults.conftest import Start
from tests.faults.converging import caught_up, compare, until
from tests.faults.fetching import ask
from tests.faults.figures import Record
from tests.faults.load import opened, write
from tests.faults.page import Page
from tests.faults.store import Store
from tests.faults.world import World, make_groups

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
APART = 60
MESSAGES = 200


def test_i19_i20_order_and_delivery_hold_though_the_clocks_of_two_web_processes_are_a_minute_apart(
    launch: Start, cast: Cast, figure: Record
) -> None:
    late = launch(CHANNEL_PREFIX="clocks", **shifted(-APART))
    right = launch(CHANNEL_PREFIX="clocks")
    world = make_groups(cast, 8)
    late.wait()
    right.wait()
    asyncio.run(_scenario(world, right.origin, late.origin, figure))


async def _scenario(world: World, right: str, late: str, figure: Record) -> None:
    store = Store()
    pages = world.pages(right, each=1) + world.pages(late, each=1)
    async with opened(pages):
        await write(pages, MESSAGES, 100)
        figure("s from the end of the writing until all is stored and shown", await caught_up(pages, store))
        await _in_turn(pages[0], pages[len(pages) // 2])
        await caught_up(pages, store)
        await compare(pages, store)
        for rows in (await store.messages()).values():
            assert all(one.at <= two.at for one, two in pairwise(rows)), "a later message has an earlier time"
            # The one right clock is everybody's: no message is of a time that has not come.
            assert max(row.at.timestamp() for row in rows) < time.time() + 1
        for page in pages:
            await _newest_first(page, store)


async def _in_turn(one: Page, two: Page) -> None:
    """A conversation of two: each writes when what the other wrote is shown."""
    room = next(iter(one.rooms))
    for number in range(10):
        writer, reader = ((one, two), (two, one))[number % 2]
        client = writer.outbox.add(room, f"Turn {number}")
        await until(lambda: client in reader.rooms[room].shown.values(), "a turn is not shown")  # noqa: B023  (at once)


async def _newest_first(page: Page, store: Store) -> None:
    """The room list has the rooms in the order in which something was last said in them."""
    for pk in page.rooms:
        client = page.outbox.add(pk, "The newest")
        await until(lambda: client in page.outbox.acknowledged, "not acknowledged")  # noqa: B023  (at once)
        _headers, html = await ask(page.origin, "/messages/list/", page.session)
        listed = [int(found) for found in re.findall(r'data-room="(\d+)"', html)]
        assert listed[0] == pk, "a room with a newer message stands lower in the list"
