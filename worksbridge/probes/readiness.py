"""Whether this process can do its work: Postgres and Valkey answer, and it is not on its way out."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.core.cache import caches
from django.db import close_old_connections, connections

from worksbridge import metrics
from worksbridge.live.draining import drain

# How long each may take, in seconds.
LIMIT = 2


def _database() -> None:
    close_old_connections()
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connections.close_all()


def _valkey() -> None:
    caches["default"].ping()  # type: ignore[attr-defined]  # worksbridge.cache.Cache


class Check:
    """One dependency that has to answer, checked in its own thread, so that a hanging one blocks nothing else."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self._work = work
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"ready-{name}")
        self._running: asyncio.Future[None] | None = None

    async def passes(self) -> bool:
        """Whether it answers in time. Concurrent callers wait for the same answer."""
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().run_in_executor(self._thread, self._work)
        # While this one waits, another may have begun the next round.
        running = self._running
        done, _pending = await asyncio.wait({running}, timeout=LIMIT)
        passed = bool(done) and not running.cancelled() and running.exception() is None
        metrics.ready.labels(self.name).set(passed)
        return passed


CHECKS = (Check("database", _database), Check("valkey", _valkey))


async def failing() -> list[str]:
    """The names of what keeps this process from its work; none when it can work."""
    passed = await asyncio.gather(*(check.passes() for check in CHECKS))
    names = [check.name for check, passes in zip(CHECKS, passed, strict=True) if not passes]
    metrics.ready.labels("draining").set(not drain.began)
    return ["draining", *names] if drain.began else names
