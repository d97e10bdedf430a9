"""How much memory a process holds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

MB = 1024 * 1024


class Sample(NamedTuple):
    """Memory in bytes, at a time in seconds."""

    at: float
    size: int


def written(pid: int) -> int:
    """The bytes of memory that a process has written to.

    Pages of libraries are left out: they count as its own or not by what else runs on the machine.
    """
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty:"))


@contextlib.asynccontextmanager
async def sampled(pid: int, every: float = 0.25) -> AsyncIterator[list[Sample]]:
    """Samples of the process, which go on until the end of the block."""
    samples: list[Sample] = []

    async def sample() -> None:
        while True:
            samples.append(Sample(time.monotonic(), written(pid)))
            await asyncio.sleep(every)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
