"""What every web process does again and again, beside its sockets; each app registers its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)
Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """`work`, every `seconds` seconds."""

    work: Work
    seconds: float


jobs: list[Job] = []


def every(seconds: float) -> Callable[[Work], Work]:
    """Register the decorated coroutine; what it raises is logged, and it comes round again."""

    def register(work: Work) -> Work:
        jobs.append(Job(work, seconds))
        return work

    return register


async def run(job: Job) -> None:
    """Do one job until this process ends."""
    while True:
        await asyncio.sleep(job.seconds)
        try:
            await job.work()
        except Exception as error:  # without a database nothing can be done; the next round does it
            logger.warning("%s failed: %s", job.work.__name__, error)
