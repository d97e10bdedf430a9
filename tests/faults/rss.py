"""How much memory a process holds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

MB = 1024 * 1024


class Sample(NamedTuple):
    """Resident memory in bytes, at a time in seconds."""

    at: float
    size: int


def resident(pid: int) -> int:
    """The resident memory of a process in bytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@contextlib.asynccontextmanager
async def sampled(pid: int, every: float = 0.25) -> AsyncIterator[list[Sample]]:
    """Samples of the process, which go on until the end of the block."""
    samples: list[Sample] = []

    async def sample() -> None:
        while True:
            samples.append(Sample(time.monotonic(), resident(pid)))
            await asyncio.sleep(every)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def slope(samples: Sequence[Sample]) -> float:
    """The growth in bytes each second: the line of least squares."""
    at = [sample.at - samples[0].at for sample in samples]
    size = [sample.size - samples[0].size for sample in samples]
    middle_at, middle_size = sum(at) / len(at), sum(size) / len(size)
    up = sum((a - middle_at) * (s - middle_size) for a, s in zip(at, size, strict=True))
    return up / sum((a - middle_at) ** 2 for a in at)
