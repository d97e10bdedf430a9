"""People who write all the time."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence

from tests.faults.page import Page


@contextlib.asynccontextmanager
async def opened(pages: Sequence[Page], within: float = 30) -> AsyncIterator[None]:
    """The pages are open, and connected at first, until the end of the block."""
    for page in pages:
        page.open()
    try:
        async with asyncio.timeout(within):
            while not all(page.connected_at for page in pages):  # noqa: ASYNC110  (of many pages)
                await asyncio.sleep(0.05)
        yield
    finally:
        await asyncio.gather(*(page.close() for page in pages))


async def write(pages: Sequence[Page], messages: int, per_second: float, seed: int = 7) -> None:
    """Write so many messages on pages and in rooms taken by chance."""
    chance = random.Random(seed)
    start = time.monotonic()
    for number in range(messages):
        page = chance.choice(pages)
        page.outbox.add(chance.choice(list(page.rooms)), f"Message {number} 안녕하세요 **{number}**")
        await asyncio.sleep(max(0.0, start + number / per_second - time.monotonic()))


@contextlib.asynccontextmanager
async def under_load(pages: Sequence[Page], per_second: float) -> AsyncIterator[None]:
    """People write until the end of the block."""
    writing = asyncio.create_task(write(pages, 1_000_000, per_second))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
