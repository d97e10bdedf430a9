"""The hub: which pages of which members are open in this process, and what reaches them.

What is pushed in a process reaches its own pages at once, and those of other processes through the channel layer: one
subscription for each process, recipients named in the push. A push is a hint: it may be lost, and pages find out by
themselves (see messaging's changes).
"""

import asyncio
import logging
import random
import secrets
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from channels.layers import get_channel_layer

from worksbridge import metrics
from worksbridge.live import periodic
from worksbridge.live.database import in_thread
from worksbridge.live.page import Page
from worksbridge.live.presence import RENEW, mark_online
from worksbridge.live.session import ended_sessions
from worksbridge.live.transport import Frame

logger = logging.getLogger(__name__)
GROUP = "live"
# Pushes that wait to leave for other processes; beyond that they are dropped, and pages catch up.
QUEUE_SIZE = 20_000
# Pushes that travel as one message of the channel layer.
TOGETHER = 200
# How often the sessions behind the open sockets are looked up, in seconds.
SWEEP = 3
# The close code of a service that restarts, https://www.iana.org/assignments/websocket/websocket.xml.
RESTART = 1012


class Hub:
    """The open sockets of one process."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        # By this it knows what comes back to it from the channel layer.
        self._name = secrets.token_hex(8)
        self._sockets: defaultdict[int, set[Page]] = defaultdict(set)
        # Pushes that were offered and not delivered here yet; those that are still to leave for other processes.
        self._offered: deque[dict[str, Any]] = deque()
        self._leaving: deque[dict[str, Any]] = deque()
        self._published = True
        self._woken = False
        self._something = asyncio.Event()
        self._something_leaves = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._arrived: set[int] = set()

    def start(self) -> None:
        """Begin to listen, once for each event loop."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return
        self.loop = loop
        self._something, self._something_leaves = asyncio.Event(), asyncio.Event()
        # What an earlier loop left behind is of no use any more.
        self._offered.clear()
        self._leaving.clear()
        self._published = True
        self._woken = False
        works = (self._receive, self._hand_out, self._publish, self._sweep, self._renew)
        self._tasks = [loop.create_task(work()) for work in works]
        self._tasks += [loop.create_task(periodic.run(job)) for job in periodic.jobs]

    def join(self, socket: Page) -> None:
        """From now on `socket` gets what is pushed to its member."""
        self._sockets[socket.member_id].add(socket)
        self._arrived.add(socket.member_id)

    def leave(self, socket: Page) -> None:
        """`socket` has closed."""
        sockets = self._sockets[socket.member_id]
        sockets.discard(socket)
        if not sockets:
            del self._sockets[socket.member_id]

    def sockets_of(self, member_id: int) -> int:
        """How many pages `member_id` has open in this process."""
        return len(self._sockets.get(member_id, ()))

    def offer(self, push: dict[str, Any]) -> None:
        """Deliver a push here and elsewhere, from any thread, without waiting, in order."""
        if self.loop is None:
            raise RuntimeError("the hub has not started")
        self._offered.append(push)
        # One wake-up for all that is offered before the loop comes round to it: each costs a system call.
        if not self._woken and self.loop.is_running():
            self._woken = True
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken = False
        self._something.set()

    async def _hand_out(self) -> None:
        """Deliver what is offered to the pages here; the other processes' pages need not be waited for."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._offered:
                for push in _first(self._offered):
                    await self._hand_out_one(push)
                # Delivering waits for nothing: what was delivered is written, and what came is read, in between.
                await asyncio.sleep(0)

    async def _hand_out_one(self, push: dict[str, Any]) -> None:
        try:
            await self.deliver(push)
        except Exception:  # whatever is wrong with one, the others have nothing to do with it
            logger.exception("a push could not be delivered")
        if len(self._leaving) >= QUEUE_SIZE:
            logger.warning("push dropped: the channel layer is behind")
            metrics.pushes_dropped.labels("queue").inc()
            return
        self._leaving.append(push)
        self._something_leaves.set()

    async def _publish(self) -> None:
        layer = get_channel_layer()
        while True:
            await self._something_leaves.wait()
            self._something_leaves.clear()
            while self._leaving:
                pushes = _first(self._leaving)
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
                            await self.deliver(push)
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
        frame = Frame(push["frame"])
        metrics.pushes_delivered.inc(sum(len(self._sockets.get(member_id, ())) for member_id in push["to"]))
        for member_id in push["to"]:
            for socket in self._sockets.get(member_id, ()):
                socket.write(frame)

    async def _cut(self, push: dict[str, Any]) -> None:
        for socket in self._all(push.get("members")):
            if push.get("session") in (None, socket.session_key):
                await socket.close(4401)

    def _all(self, members: Iterable[int] | None) -> list[Page]:
        groups = self._sockets.values() if members is None else [self._sockets.get(m, set()) for m in members]
        return [socket for sockets in list(groups) for socket in sockets]

    def behind(self) -> bool:
        """Whether pushes wait to be delivered, here or elsewhere."""
        return bool(self._offered or self._leaving or not self._published)

    async def say_goodbye(self) -> None:
        """Tell every page that this process goes away, and to come back spread out over some seconds."""
        for socket in self._all(None):
            socket.write(Frame(f'{{"type":"bye","after":{random.randrange(200, 4000)}}}'))
            await socket.close(RESTART)


def _first(waiting: deque[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has waited longest, as much of it as travels together."""
    return [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]


hub = Hub()
