"""Who opens sockets: those that come at the same time are looked up together.

After a restart hundreds of pages come back within seconds; a thread and two queries for each of them were what kept
them waiting.
"""

import asyncio
import logging

from django.db import InterfaceError, OperationalError

from worksbridge.live.database import in_thread
from worksbridge.live.session import Identity, identify_all

logger = logging.getLogger(__name__)
TOGETHER = 100


class Arriving:
    """The sessions that wait to be looked up, in one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Identity | None]] = {}
        self._working: asyncio.Task[None] | None = None

    async def identify(self, session_key: str) -> Identity | None:
        """The active member whose valid session this is, or None. Raises what the database does."""
        loop = asyncio.get_running_loop()
        found = self._waiting.get(session_key)
        if found is None or found.get_loop() is not loop:
            found = self._waiting[session_key] = loop.create_future()
        if self._working is None or self._working.done() or self._working.get_loop() is not loop:
            self._working = loop.create_task(self._work())
        return await asyncio.shield(found)

    async def _work(self) -> None:
        while self._waiting:
            batch = dict(list(self._waiting.items())[:TOGETHER])
            for key in batch:
                del self._waiting[key]
            await _look_up(batch)


async def _look_up(batch: "dict[str, asyncio.Future[Identity | None]]") -> None:
    try:
        found = await in_thread(identify_all, list(batch))
    except (OperationalError, InterfaceError) as error:  # all of them get the error; later ones try again
        _refuse(batch, error)
        return
    except Exception as error:
        if len(batch) == 1:
            _refuse(batch, error)
            return
        # Something is wrong with one of them: the others have nothing to do with it.
        logger.exception("a batch of %s sockets could not be looked up", len(batch))
        for key, future in batch.items():
            await _look_up({key: future})
        return
    for key, future in batch.items():
        if not future.done():
            future.set_result(found.get(key))


def _refuse(batch: "dict[str, asyncio.Future[Identity | None]]", error: Exception) -> None:
    for future in batch.values():
        if not future.done():
            future.set_exception(error)


arriving = Arriving()
