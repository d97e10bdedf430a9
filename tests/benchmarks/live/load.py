"""Messages at a rate into rooms full of open sockets, and what became of each of them."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from tests.benchmarks.live.connection import Connection, connect
from tests.benchmarks.live.systems import Person, System

TEXT = "The samples leave Busan on Thursday; could somebody check the papers before noon? {}"
# After the last message a step waits so long for what is still on its way, in seconds.
PATIENCE = 15


@dataclass
class Result:
    """What a stretch of load showed. Times in seconds.

    Lost is what is not stored, not delivered to somebody in the room, or not acknowledged to who sent it.
    """

    rate: float
    sent: int = 0
    latencies: list[float] = field(default_factory=list, repr=False)
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    # Messages that the server refused because too much waited, and sockets that it cut: told, and so nothing lost.
    refused: int = 0
    cut: int = 0

    @property
    def p50(self) -> float:
        """The median time from sending to a receiver."""
        return statistics.median(self.latencies) if self.latencies else float("inf")

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 deliveries were made; endless when something was lost or refused."""
        if not self.latencies or self.lost or self.refused or self.cut:
            return float("inf")
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)]

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.disordered)


class Talk:
    """Some rooms with open sockets in them."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.members: dict[int, list[Connection]] = {}
        self._sent_at: dict[str, float] = {}
        self._latencies: list[float] = []
        self._heard: dict[Connection, list[str]] = {}
        self._expected = 0
        self._refused: set[str] = set()
        self._acknowledged: set[str] = set()

    async def join(self, room: int, people: Sequence[Person]) -> None:
        """Open a socket for each of them."""
        self.members[room] = [await self._open(room, person.session) for person in people]

    async def _open(self, room: int, session: str) -> Connection:
        connection = await connect(self.system.host_of(room), self.system.path(room), session, self._hear)
        self._heard[connection] = []
        return connection

    async def _come_back(self) -> None:
        """Open again what the server cut in an earlier stretch because it was not read fast enough."""
        for room, inside in self.members.items():
            for place, connection in enumerate(inside):
                if connection.closed.done():
                    del self._heard[connection]
                    inside[place] = await self._open(room, connection.session)

    @property
    def _cut(self) -> bool:
        return any(connection.closed.done() for connection in self._heard)

    def _hear(self, connection: Connection, payload: bytes, now: float) -> None:
        if acknowledged := self.system.acknowledged(payload):
            self._acknowledged.add(acknowledged)
            return
        for key in self.system.delivered(payload):
            sent = self._sent_at.get(key)
            if sent is not None:
                self._heard[connection].append(key)
                self._latencies.append(now - sent)
        if (refused := self.system.refused(payload)) in self._sent_at:
            self._refused.add(refused)
            self._expected -= len(next(inside for inside in self.members.values() if connection in inside))

    async def load(self, rate: float, seconds: float) -> Result:
        """Send `rate` messages a second for some seconds, room by room and person by person in turn."""
        await self._come_back()
        self._sent_at.clear()
        self._latencies = []
        self._expected = 0
        self._refused.clear()
        self._acknowledged.clear()
        for heard in self._heard.values():
            heard.clear()
        sent = await self._send(rate, seconds)
        await self._settle()
        result = Result(rate, sum(map(len, sent.values())), self._latencies)
        self._judge(result, sent)
        return result

    async def _send(self, rate: float, seconds: float) -> dict[int, list[str]]:
        loop = asyncio.get_running_loop()
        rooms = list(self.members)
        sent: dict[int, list[str]] = {room: [] for room in rooms}
        started = loop.time()
        for number in range(max(1, round(rate * seconds))):
            # When this client falls behind it sends at once: the time counts from when it was due.
            due = started + number / rate
            wait = due - loop.time()
            if wait > 0.001 or number % 16 == 0:
                await asyncio.sleep(max(0.0, wait))
                if self._cut:
                    break
            room = rooms[number % len(rooms)]
            inside = self.members[room]
            key = str(uuid4())
            self._sent_at[key] = max(due, loop.time())
            inside[number // len(rooms) % len(inside)].send(self.system.frame(room, key, TEXT.format(number)))
            sent[room].append(key)
            self._expected += len(inside)
        return sent

    async def _settle(self) -> None:
        """Wait until all has arrived, or nothing more does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        # Four things are watched, and looking costs nothing beside what is measured.
        while not self._is_all_there and loop.time() < deadline and not self._cut:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        # What comes twice comes later.
        await asyncio.sleep(0.2)

    @property
    def _is_all_there(self) -> bool:
        return len(self._latencies) >= self._expected and not self._unacknowledged(set(self._sent_at) - self._refused)

    def _unacknowledged(self, keys: set[str]) -> set[str]:
        return keys - self._acknowledged if self.system.acknowledges else set()

    def _judge(self, result: Result, sent: dict[int, list[str]]) -> None:
        result.refused = len(self._refused)
        result.cut = sum(connection.closed.done() for connection in self._heard)
        for room, keys in sent.items():
            mine = set(keys) - self._refused
            # Room for what may be there twice, or come from the stretch before.
            stored = [key for key in self.system.stored(room, 2 * len(keys) + 100) if key in mine]
            if not result.cut:
                result.lost += len(mine) - len(set(stored)) + len(self._unacknowledged(mine))
            result.doubled += len(stored) - len(set(stored))
            for connection in self.members[room]:
                heard = self._heard[connection]
                once = set(heard)
                # What was never acknowledged before a cut is sent again by a page; this client only counts.
                if not result.cut:
                    result.lost += len(mine) - len(once)
                result.doubled += len(heard) - len(once)
                result.disordered += list(dict.fromkeys(heard)) != [key for key in stored if key in once]

    async def leave(self) -> None:
        """Close all sockets."""
        for connection in self._heard:
            connection.transport.close()
        await asyncio.gather(*(connection.closed for connection in self._heard))
