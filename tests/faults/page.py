"""What an open page does, in Python: static/js/live.js with an outbox, and some rooms that catch up by themselves."""

import asyncio
import contextlib
import json
import random
import time
from typing import Any

import websockets

from tests.faults.catchup import Room
from tests.faults.fetching import ask
from tests.faults.outbox import Outbox
from tests.faults.pace import QUICK, Pace

SIGNED_OUT = 4401


class Page:
    """A member's page with some rooms open."""

    def __init__(self, origin: str, session: str, rooms: list[int], pace: Pace = QUICK) -> None:
        self.origin = origin
        self.session = session
        self.rooms = {pk: Room(pk, self._ask, pace.ask_again_after) for pk in rooms}
        self.outbox = Outbox(self.write, pace)
        self.connected_at: list[float] = []
        # When it tries again, each time it was cut.
        self.tries_at: list[float] = []
        self.given_up = 0
        self.signed_out = False
        self._pace = pace
        self._failures = 0
        self._asked_to_wait = 0.0
        self._out: asyncio.Queue[str] | None = None
        self._socket: Any = None
        self._deadline: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to listen, and go on until `close`."""
        self._task = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Close the page."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, *(room.stop() for room in self.rooms.values()), return_exceptions=True)
        self.outbox.closed()

    @property
    def is_connected(self) -> bool:
        """Whether its socket is open."""
        return self._out is not None

    def write(self, frame: dict[str, Any]) -> bool:
        """Send a frame. Returns whether there was a connection to send it on."""
        if self._out is not None:
            self._out.put_nowait(json.dumps(frame))
        return self._out is not None

    async def _ask(self, path: str) -> Any:
        return await ask(self.origin, path, self.session)

    async def _live(self) -> None:
        while not self.signed_out:
            with contextlib.suppress(OSError, websockets.WebSocketException, EOFError):
                await self._connect()
            delay = self._delay()
            self.tries_at.append(time.monotonic() + delay)
            await asyncio.sleep(delay)

    def _delay(self) -> float:
        asked, self._asked_to_wait = self._asked_to_wait, 0.0
        grown = min(self._pace.longest_wait, self._pace.first_wait * 2**self._failures)
        self._failures += 1
        return (asked or grown) * random.uniform(0.5, 1)

    async def _connect(self) -> None:
        async with websockets.connect(
            self.origin.replace("http", "ws", 1) + "/live/",
            origin=self.origin,
            additional_headers={"Cookie": f"sessionid={self.session}"},
            open_timeout=self._pace.connect_within,
            close_timeout=0.5,
            ping_interval=None,  # browsers send none
            max_size=None,
            max_queue=None,
            compression=None,
        ) as socket:
            await self._listen(socket)
            self.signed_out = socket.close_code == SIGNED_OUT

    async def _listen(self, socket: Any) -> None:
        self._socket, self._out = socket, asyncio.Queue()
        self.connected_at.append(time.monotonic())
        writing = [asyncio.create_task(work(socket, self._out)) for work in (self._pump, self._beat)]
        try:
            self.outbox.opened()
            with contextlib.suppress(websockets.ConnectionClosed):
                async for text in socket:
                    self._receive(json.loads(text))
        finally:
            self._out = None
            self._settle()
            self.outbox.closed()
            for task in writing:
                task.cancel()

    async def _pump(self, socket: Any, out: asyncio.Queue[str]) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.send(await out.get())

    async def _beat(self, _socket: Any, _out: asyncio.Queue[str]) -> None:
        while True:
            self.write({"type": "heartbeat", "rooms": list(self.rooms)})
            self._settle()
            self._deadline = asyncio.get_running_loop().call_later(self._pace.answer_within, self._drop)
            await asyncio.sleep(self._pace.beat)

    def _settle(self) -> None:
        if self._deadline:
            self._deadline.cancel()

    def _drop(self) -> None:
        self.given_up += 1
        self._socket.transport.abort()

    def _receive(self, frame: dict[str, Any]) -> None:
        self._settle()
        self._failures = 0
        match frame["type"]:
            case "ack":
                self.outbox.acked(frame)
                self.rooms[frame["room"]].apply([frame])
            case "nack":
                self.outbox.nacked(frame)
            case "room" if frame["room"] in self.rooms:
                self.rooms[frame["room"]].push(frame)
            case "heads":
                for pk, rev in frame["heads"].items():
                    self.rooms[int(pk)].head(rev)
            case "bye":
                self._asked_to_wait = frame["after"] / 1000
