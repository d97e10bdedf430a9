"""The hub: which pages of which members are open in this process, and what reaches them.

What is pushed in a process reaches its own pages immediately, and those of other processes by the relay; recipients are
named in the push. A push is a hint: it may be lost, and pages find out by themselves (see messaging's changes).
"""

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from worksbridge import metrics
from worksbridge.live import periodic
from worksbridge.live.page import Page
from worksbridge.live.relay import Relay, Work, first
from worksbridge.live.transport import Frame

logger = logging.getLogger(__name__)
# The close code of a session that has ended, and that of a service that restarts:
# https://www.iana.org/assignments/websocket/websocket.xml.
SESSION_OVER, RESTART = 4401, 1012


class Hub:
    """The open pages of one process."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._relay = Relay(self.deliver)
        self._sockets: defaultdict[int, set[Page]] = defaultdict(set)
        # Pushes that were offered and not delivered here yet.
        self._offered: deque[dict[str, Any]] = deque()
        self._woken = False
        self._something = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._arrived: set[int] = set()

    def start(self) -> None:
        """Begin to listen, once for each event loop."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return
        self.loop = loop
        self._something = asyncio.Event()
        # State of an earlier loop is stale.
        self._offered.clear()
        self._woken = False
        works: list[Work] = [self._hand_out, *self._relay.begin()]
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

    def pages(self, members: Iterable[int] | None = None) -> list[Page]:
        """The open pages here, or those of these members."""
        groups = self._sockets.values() if members is None else [self._sockets.get(m, set()) for m in members]
        return [socket for sockets in list(groups) for socket in sockets]

    def members(self) -> set[int]:
        """Who has a page open here."""
        return set(self._sockets)

    def arrived(self) -> set[int]:
        """Who has opened one since this was asked, and still has it."""
        found, self._arrived = self._arrived & self.members(), set()
        return found

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
                for push in first(self._offered):
                    await self._hand_out_one(push)
                # Delivery never awaits, so give the loop time to write and read in between.
                await asyncio.sleep(0)

    async def _hand_out_one(self, push: dict[str, Any]) -> None:
        try:
            await self.deliver(push)
        except Exception:  # whatever is wrong with one, the others have nothing to do with it
            logger.exception("a push could not be delivered")
        self._relay.send(push)

    async def deliver(self, push: dict[str, Any]) -> None:
        """Give a push to the pages here that it is for."""
        if push["type"] == "cut":
            await self._cut(push)
            return
        frame = Frame(push["frame"])
        metrics.pushes_delivered.inc(sum(len(self._sockets.get(member_id, ())) for member_id in push["to"]))
        for member_id in push["to"]:
            for socket in self._sockets.get(member_id, ()):
                socket.write(frame)

    async def _cut(self, push: dict[str, Any]) -> None:
        for socket in self.pages(push.get("members")):
            if push.get("session") in (None, socket.session_key):
                await socket.close(SESSION_OVER)

    def behind(self) -> bool:
        """Whether pushes wait to be delivered, here or elsewhere."""
        return bool(self._offered) or self._relay.is_behind

    async def say_goodbye(self) -> None:
        """Tell every page that this process goes away, and to come back spread out over some seconds."""
        for socket in self.pages():
            socket.write(Frame(f'{{"type":"bye","after":{random.randrange(200, 4000)}}}'))
            await socket.close(RESTART)


hub = Hub()
