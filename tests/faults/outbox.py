"""What static/js/outbox.js does: one message of each room is under way at a time, so that order stays."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from typing import Any
from uuid import uuid4

from tests.faults.pace import Pace


class Outbox:
    """The messages of one page that are written but not yet acknowledged."""

    def __init__(self, write: Callable[[dict[str, Any]], bool], pace: Pace) -> None:
        """`write` sends a frame, and returns whether there was a connection to send it on."""
        self._write = write
        self._pace = pace
        self._waiting: defaultdict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._flying: dict[str, asyncio.TimerHandle] = {}
        self.sent: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}
        self.retried = 0
        self.refused: list[dict[str, Any]] = []
        self.contradicted: list[str] = []

    def add(self, room: int, body: str) -> str:
        """Keep a message and send it as soon as that is possible. Returns its client id."""
        client_id = str(uuid4())
        self.sent[client_id] = body
        self._waiting[room][client_id] = {"type": "send", "room": room, "client_id": client_id, "body": body}
        self._send(room)
        return client_id

    def waiting(self) -> set[str]:
        """The client ids of all that is not acknowledged."""
        return {client_id for lane in self._waiting.values() for client_id in lane}

    @property
    def keeps_order(self) -> bool:
        """Whether order stays: what is tried again comes behind what was under way beside it."""
        return self._pace.under_way == 1 or not self.retried

    def opened(self) -> None:
        """There is a connection."""
        for room in list(self._waiting):
            self._send(room)

    def closed(self) -> None:
        """The connection is gone: pending sends are no longer in flight."""
        for timer in self._flying.values():
            timer.cancel()
        self._flying.clear()

    def acked(self, frame: dict[str, Any]) -> None:
        """A message is stored."""
        client_id, room = frame["client_id"], frame["room"]
        if self.acknowledged.setdefault(client_id, frame["seq"]) != frame["seq"]:
            self.contradicted.append(client_id)
        if self._waiting[room].pop(client_id, None):
            self._again(room, client_id)

    def nacked(self, frame: dict[str, Any]) -> None:
        """A message is not stored: for now, or for good."""
        room = next((room for room, lane in self._waiting.items() if frame.get("client_id") in lane), None)
        if room is None:
            return
        if frame.get("retry"):
            self.retried += 1
            self._fly(room, frame["client_id"], frame.get("after") or self._pace.retry_after)
            return
        self.refused.append(frame)
        del self._waiting[room][frame["client_id"]]
        self._again(room, frame["client_id"])

    def _send(self, room: int) -> None:
        for client_id, frame in list(islice(self._waiting[room].items(), self._pace.under_way)):
            if client_id not in self._flying and self._write(frame):
                self._fly(room, client_id, self._pace.ack_within)

    def _fly(self, room: int, client_id: str, seconds: float) -> None:
        self._land(client_id)
        self._flying[client_id] = asyncio.get_running_loop().call_later(seconds, self._again, room, client_id)

    def _land(self, client_id: str) -> None:
        timer = self._flying.pop(client_id, None)
        if timer:
            timer.cancel()

    def _again(self, room: int, client_id: str) -> None:
        self._land(client_id)
        self._send(room)
