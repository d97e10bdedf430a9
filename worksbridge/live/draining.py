"""Shutting down: finish frames taken, answers in progress, and open sockets first."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Drain:
    """The progress of the shutdown, and the work that delays it."""

    def __init__(self) -> None:
        self.began = False
        """No new sockets; existing ones continue."""
        self.closed = False
        """Frames that arrive now are ignored: their pages send them again elsewhere."""
        self.sockets = 0
        self._requests = 0
        self._taken = 0
        self._held: set[asyncio.Future[Any]] = set()
        self._heard_at = 0.0

    def hold(self, work: "asyncio.Future[Any]") -> None:
        """Keep a task (or future) alive until it is done, and the process from ending before."""
        self._held.add(work)
        work.add_done_callback(self._held.discard)

    def took(self) -> None:
        """A frame was taken that is answered later; one `answered` follows."""
        self._taken += 1

    def answered(self) -> None:
        """A frame that was taken has its answer."""
        self._taken -= 1

    @property
    def owes(self) -> bool:
        """Whether a frame was taken but not answered, or a page asked for but not sent."""
        return bool(self._held or self._requests or self._taken)

    def quiet(self, seconds: float) -> bool:
        """Whether nothing is owed and no frame has come for so many seconds."""
        return not self.owes and time.monotonic() - self._heard_at > seconds

    @contextmanager
    def handling(self) -> Iterator[None]:
        """A frame is being carried out; those behind it come after it."""
        self.took()
        try:
            yield
        finally:
            self.answered()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A page is being answered."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    @contextmanager
    def open_socket(self) -> Iterator[None]:
        """A socket is open."""
        self.sockets += 1
        try:
            yield
        finally:
            self.sockets -= 1

    def listening(self, receive: Receive) -> Receive:
        """`receive` of a socket, without further frames once the process has closed."""

        async def hear() -> dict[str, Any]:
            while True:
                event = await receive()
                if event["type"] != "websocket.receive":
                    return event
                if not self.closed:
                    self._heard_at = time.monotonic()
                    return event

        return hear


drain = Drain()
