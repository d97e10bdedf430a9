"""The hub: which pages of which members are open in this process, and what reaches them.

Pushes travel between processes through the channel layer: one subscription for each process, recipients named in
the push. A push is a hint: it may be lost, and pages find out by themselves (see messaging's changes).
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Any

from channels.layers import get_channel_layer
from django.conf import settings

from worksbridge.live import periodic
from worksbridge.live.database import in_thread
from worksbridge.live.presence import RENEW, mark_online
from worksbridge.live.session import ended_sessions

if TYPE_CHECKING:
    from worksbridge.live.socket import Socket

logger = logging.getLogger(__name__)
GROUP = "live"
# Pushes that wait for the channel layer; beyond that they are dropped, and pages catch up.
QUEUE_SIZE = 20_000
# How often the sessions behind the open sockets are looked up, in seconds.
SWEEP = 3


class Hub:
    """The open sockets of one process."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._sockets: defaultdict[int, set[Socket]] = defaultdict(set)
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_SIZE)
        self._tasks: list[asyncio.Task[None]] = []
        self._arrived: set[int] = set()

    def start(self) -> None:
        """Begin to listen, once for each event loop."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return
        self.loop = loop
        self._queue = asyncio.Queue(QUEUE_SIZE)
        self._tasks = [loop.create_task(work()) for work in (self._receive, self._publish, self._sweep, self._renew)]
        self._tasks += [loop.create_task(periodic.run(job)) for job in periodic.jobs]

    def join(self, socket: "Socket") -> None:
        """From now on `socket` gets what is pushed to its member."""
        self._sockets[socket.member_id].add(socket)
        self._arrived.add(socket.member_id)

    def leave(self, socket: "Socket") -> None:
        """`socket` has closed."""
        sockets = self._sockets[socket.member_id]
        sockets.discard(socket)
        if not sockets:
            del self._sockets[socket.member_id]

    def sockets_of(self, member_id: int) -> int:
        """How many pages `member_id` has open in this process."""
        return len(self._sockets.get(member_id, ()))

    def offer(self, push: dict[str, Any]) -> None:
        """Hand a push to the channel layer, from any thread, without waiting, in order."""
        if self.loop is None:
            raise RuntimeError("the hub has not started")
        if self.loop.is_running():
            self.loop.call_soon_threadsafe(self._enqueue, push)

    def _enqueue(self, push: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait(push)
        except asyncio.QueueFull:
            logger.warning("push dropped: the channel layer is behind")

    async def _publish(self) -> None:
        layer = get_channel_layer()
        while True:
            push = await self._queue.get()
            if settings.LIVE_DROP_ONE_IN and random.randrange(settings.LIVE_DROP_ONE_IN) == 0:
                continue
            try:
                await layer.group_send(GROUP, push)
            except Exception as error:  # whatever Valkey's trouble is, the process goes on and pages catch up
                logger.warning("push lost: %s", error)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    await self.deliver(await layer.receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("the hub lost the channel layer and will subscribe again")
                await asyncio.sleep(1)

    async def _sweep(self) -> None:
        """Close the sockets of ended sessions: the push that should have done it may be lost."""
        while True:
            await asyncio.sleep(SWEEP)
            sockets = self._all(None)
            if not sockets:
                continue
            try:
                ended = await in_thread(ended_sessions, {one.session_key: one.member_id for one in sockets})
            except Exception as error:  # without a database nobody can be asked; the next round does
                logger.warning("sessions could not be looked up: %s", error)
                continue
            for socket in sockets:
                if socket.session_key in ended:
                    await socket.close(4401)

    async def _renew(self) -> None:
        """Keep this process's members marked as online; those who just came within a second."""
        beat = 0
        while True:
            await asyncio.sleep(1)
            beat += 1
            members = set(self._sockets) if beat % RENEW == 0 else self._arrived & set(self._sockets)
            self._arrived = set()
            if not members:
                continue
            try:
                await in_thread(mark_online, members)
            except Exception as error:  # presence is a hint, and the next round renews it
                logger.warning("presence could not be told: %s", error)

    async def deliver(self, push: dict[str, Any]) -> None:
        """Give a push to the sockets here that it is for."""
        if push["type"] == "cut":
            await self._cut(push)
            return
        for member_id in push["to"]:
            for socket in tuple(self._sockets.get(member_id, ())):
                await socket.write(push["frame"])

    async def _cut(self, push: dict[str, Any]) -> None:
        for socket in self._all(push.get("members")):
            if push.get("session") in (None, socket.session_key):
                await socket.close(4401)

    def _all(self, members: Iterable[int] | None) -> "list[Socket]":
        groups = self._sockets.values() if members is None else [self._sockets.get(m, set()) for m in members]
        return [socket for sockets in list(groups) for socket in sockets]

    def say_goodbye(self) -> Awaitable[None]:
        """Tell every page open now that this process goes away, and to come back spread out over some seconds."""
        return self._say_goodbye(self._all(None))

    @staticmethod
    async def _say_goodbye(sockets: "list[Socket]") -> None:
        for socket in sockets:
            await socket.write(f'{{"type":"bye","after":{random.randrange(200, 4000)}}}')


hub = Hub()
