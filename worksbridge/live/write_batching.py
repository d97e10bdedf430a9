"""What waits to be written to sockets: all that comes for one of them within a turn of the loop goes in one piece."""

import asyncio
import logging
from typing import Protocol

logger = logging.getLogger(__name__)


class Flushed(Protocol):
    """A socket that writes its waiting frames when told to."""

    def flush(self) -> None:
        """Write it."""


class Outgoing:
    """The sockets of one process that have something to write."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[Flushed] = []

    def flush_soon(self, socket: Flushed) -> None:
        """`socket` has something to write for the first time since it was flushed."""
        loop = asyncio.get_running_loop()
        if not self._waiting or loop is not self._loop:
            self._loop = loop
            loop.call_soon(self._flush)
        self._waiting.append(socket)

    def _flush(self) -> None:
        sockets, self._waiting = self._waiting, []
        for socket in sockets:
            try:
                socket.flush()
            except Exception:  # whatever is wrong with one, the others have nothing to do with it
                logger.exception("a socket could not be written to")


outgoing = Outgoing()
