"""The way between web processes: what is pushed in one reaches the others through the channel layer.

One subscription for each process. What is lost on the way is lost: a push is a hint.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from channels.layers import get_channel_layer

from worksbridge import metrics

logger = logging.getLogger(__name__)
Push = dict[str, Any]
Work = Callable[[], Coroutine[Any, Any, None]]
GROUP = "live"
# Pushes that wait to leave for other processes; beyond that they are dropped, and pages catch up.
QUEUE_SIZE = 20_000
# Pushes that travel as one message of the channel layer.
TOGETHER = 200


class Relay:
    """Pushes that leave this process, and those of others that come."""

    def __init__(self, deliver: Callable[[Push], Awaitable[None]]) -> None:
        """`deliver` gives a push of another process to the pages here."""
        self._deliver = deliver
        # By this it knows what comes back to it from the channel layer.
        self._name = secrets.token_hex(8)
        self._leaving: deque[Push] = deque()
        self._published = True
        self._something = asyncio.Event()

    def begin(self) -> list[Work]:
        """Forget what an earlier event loop left behind. Returns what has to run in this one, until it ends."""
        self._something = asyncio.Event()
        self._leaving.clear()
        self._published = True
        return [self._receive, self._publish]

    @property
    def is_behind(self) -> bool:
        """Whether something has not left yet."""
        return bool(self._leaving or not self._published)

    def send(self, push: Push) -> None:
        """Let a push leave for the other processes, without waiting."""
        if len(self._leaving) >= QUEUE_SIZE:
            logger.warning("push dropped: the channel layer is behind")
            metrics.pushes_dropped.labels("queue").inc()
            return
        self._leaving.append(push)
        self._something.set()

    async def _publish(self) -> None:
        layer = get_channel_layer()
        while True:
            await self._something.wait()
            self._something.clear()
            while self._leaving:
                pushes = first(self._leaving)
                self._published = False
                try:
                    await layer.group_send(GROUP, {"type": "pushes", "from": self._name, "pushes": pushes})
                    metrics.pushes_published.inc(len(pushes))
                except Exception as error:  # whatever Valkey's trouble is, the process goes on and pages catch up
                    self._give_up(len(pushes), error)
                self._published = True

    def _give_up(self, tried: int, error: Exception) -> None:
        """Drop also what waits behind: while Valkey is silent each try takes a second, and what is old is of no use."""
        lost = tried + len(self._leaving)
        self._leaving.clear()
        logger.warning("%s pushes did not reach other processes: %s", lost, error)
        metrics.pushes_dropped.labels("channel layer").inc(lost)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    together = await layer.receive(channel)
                    if together.get("from") != self._name:
                        for push in together["pushes"]:
                            await self._deliver(push)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("the relay lost the channel layer and will subscribe again")
                await asyncio.sleep(1)


def first(waiting: deque[Push]) -> list[Push]:
    """The oldest waiting items, as many as fit into one message."""
    return [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
