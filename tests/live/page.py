"""What an open page does, in Python: sends with client ids, applies pushes by revision, catches up by itself."""

import asyncio
import contextlib
import http.client
import json
import random
import re
import urllib.error
import urllib.request
from typing import Any
from uuid import uuid4

import websockets

CLIENT = re.compile(r'data-client="([0-9a-f-]{36})"')


class Room:
    """One open room on the page: what is shown, and up to which revision."""

    def __init__(self) -> None:
        self.rev = 0
        self.shown: dict[int, str] = {}

    def apply(self, items: list[dict[str, Any]], rev: int) -> None:
        """Show the items; what was shown before under a number is replaced."""
        for item in items:
            self.shown[item["seq"]] = item["html"]
        self.rev = rev


class Page:
    """A member's page with some rooms open."""

    def __init__(self, origin: str, session: str, rooms: list[int]) -> None:
        self.origin = origin
        self.rooms = {pk: Room() for pk in rooms}
        self.outbox: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, int] = {}
        self.refused: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.connections = 0
        self._cookie = f"sessionid={session}"
        self._socket: Any = None
        self._behind: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to listen, and go on until `close`."""
        self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._beat, self._catch_up)]

    async def close(self) -> None:
        """Close the page."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, room: int, body: str) -> str:
        """Put a message into the outbox and try to send it. Returns its client id."""
        client_id = str(uuid4())
        self.outbox[client_id] = {"type": "send", "room": room, "client_id": client_id, "body": body}
        await self.write(self.outbox[client_id])
        return client_id

    async def write(self, frame: dict[str, Any]) -> None:
        """Write one frame, if the socket is there."""
        with contextlib.suppress(websockets.ConnectionClosed, AttributeError):
            await self._socket.send(json.dumps(frame))

    async def _listen(self) -> None:
        url = self.origin.replace("http", "ws", 1) + "/live/"
        while True:
            try:
                async with websockets.connect(
                    url, origin=self.origin, additional_headers={"Cookie": self._cookie}, max_size=None, max_queue=None
                ) as socket:
                    self._socket = socket
                    self.connections += 1
                    await self._connected()
                    async for text in socket:
                        self._receive(json.loads(text))
            except (OSError, websockets.WebSocketException, EOFError):
                pass
            self._socket = None
            await asyncio.sleep(random.uniform(0.1, 0.4))

    async def _connected(self) -> None:
        self._behind.update(self.rooms)
        for frame in list(self.outbox.values()):
            await self.write(frame)

    def _receive(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        match frame["type"]:
            case "ack":
                self.outbox.pop(frame["client_id"], None)
                self.acknowledged[frame["client_id"]] = frame["seq"]
            case "nack" if not frame.get("retry"):
                self.refused.append(frame)
            case "room" if frame["room"] in self.rooms:
                self._room(self.rooms[frame["room"]], frame)
            case "heads":
                heads = {int(pk): rev for pk, rev in frame["heads"].items()}
                self._behind.update(pk for pk, rev in heads.items() if rev > self.rooms[pk].rev)

    def _room(self, room: Room, frame: dict[str, Any]) -> None:
        if frame["after"] == room.rev:
            room.apply(frame["items"], frame["rev"])
        elif frame["rev"] > room.rev:
            self._behind.add(frame["room"])

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(2)
            await self.write({"type": "heartbeat", "rooms": list(self.rooms)})
            for frame in list(self.outbox.values()):
                await self.write(frame)

    async def _catch_up(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            while self._behind:
                pk = self._behind.pop()
                try:
                    await self.fetch(pk)
                except (OSError, ValueError, http.client.HTTPException):
                    self._behind.add(pk)
                    await asyncio.sleep(0.3)

    async def fetch(self, pk: int) -> None:
        """Ask over HTTP what changed in a room since the page's revision."""
        room = self.rooms[pk]
        answer = await asyncio.to_thread(self._get, f"/messages/{pk}/changes?after={room.rev}")
        if answer["reload"]:
            await self._reload(pk)
        elif answer["rev"] >= room.rev:
            room.apply(answer["items"], answer["rev"])

    async def _reload(self, pk: int) -> None:
        """Too much was missed: read the timeline from its end back to where the page stood."""
        room = self.rooms[pk]
        rev, html = await asyncio.to_thread(self._timeline, f"/messages/{pk}/timeline")
        found: dict[int, str] = {}
        while True:
            found |= articles(html)
            if not found or min(found) <= max(room.shown, default=0) + 1 or min(found) == 1:
                break
            size = len(found)
            _, html = await asyncio.to_thread(self._timeline, f"/messages/{pk}/timeline?before={min(found)}")
            found |= articles(html)
            if len(found) == size:
                break
        room.shown |= found
        room.rev = max(room.rev, rev)

    def _get(self, path: str) -> dict[str, Any]:
        return json.loads(self._read(path)[1])

    def _timeline(self, path: str) -> tuple[int, str]:
        headers, text = self._read(path)
        return int(headers["X-Room-Rev"]), text

    def _read(self, path: str) -> tuple[Any, str]:
        request = urllib.request.Request(self.origin + path, headers={"Cookie": self._cookie})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.headers, response.read().decode()

    def shown_clients(self, pk: int) -> list[str]:
        """The client ids of the messages shown in a room, in the order shown."""
        room = self.rooms[pk]
        return [found[1] for seq in sorted(room.shown) if (found := CLIENT.search(room.shown[seq]))]


def articles(html: str) -> dict[int, str]:
    """The messages of a rendered timeline by their sequence number."""
    parts = re.split(r"(?=<(?:article|p|div|li)[^>]*\bdata-seq=)", html)
    return {int(found[1]): part for part in parts if (found := re.match(r'<[^>]*\bdata-seq="(\d+)"', part))}
