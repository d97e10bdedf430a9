"""Pages of calls with their sockets: what they send, and what they have heard."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self
from uuid import UUID, uuid4

from accounts.models import User
from calls.actions.joining import join_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call
from messaging.models import Room
from tests.live.test_socket import PATIENCE, connect, session_of
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread

MISSING = 987_654_321
Frame = dict[str, Any]


class Page:
    """A page of a member with its socket: what it sends, and all it has heard."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.device = uuid4()
        self.heard: list[Frame] = []

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def until(self, wanted: Callable[[Frame], bool], seconds: float = PATIENCE) -> Frame:
        """The next frame that is the one meant."""
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await self.socket.recv())
                self.heard.append(frame)
                if wanted(frame):
                    return frame

    async def settle(self, seconds: float = 0.6) -> list[Frame]:
        """All frames that were sent to the page before now, and in the moment after it."""
        known = len(self.heard)
        await asyncio.sleep(seconds)
        await self.send(type="heartbeat", rooms=[])
        await self.until(lambda frame: frame["type"] == "heads")
        return [frame for frame in self.heard[known:] if frame["type"] != "heads"]

    async def refused(self, **frame: Any) -> Frame:
        """What the page is told of a frame that is not carried out."""
        await self.send(**frame)
        return await self.until(lambda found: found["type"] == "nack")


class Pages:
    """Opens pages, and closes them all at the end."""

    def __init__(self, web: WebProcess) -> None:
        self.web = web
        self._open: list[Any] = []

    async def open(self, *people: User) -> list[Page]:
        """A page for each, which has heard what was on its way before."""
        found = []
        for session in [await in_thread(session_of, person) for person in people]:
            connection = connect(self.web, session)
            found.append(Page(await connection.__aenter__()))
            self._open.append(connection)
        for page in found:
            await page.settle(0.3)
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        for connection in self._open:
            await connection.__aexit__(*error)


def reloads(part: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["type"] == "reload" and part in frame["parts"]


def call_is(**wanted: Any) -> Callable[[Frame], bool]:
    """A snapshot with these values."""
    return lambda frame: frame["type"] == "call" and all(frame["call"][name] == value for name, value in wanted.items())


def of_calls(frames: list[Frame]) -> list[Frame]:
    """Those that tell of a call, whatever they say."""
    parts = {"ringing", "room-call", "calls"}
    kinds = {"call", "call_gone", "call_started", "signal"}
    return [one for one in frames if one["type"] in kinds or parts & set(one.get("parts", ()))]


async def start(room: Room, caller: User, page: Page, kind: str = "voice") -> Call:
    return await in_thread(lambda: start_call(member=caller, room_id=room.pk, kind=kind, device=Device(page.device)))


async def join(call: Call, member: User, page: Page, **how: Any) -> None:
    await in_thread(lambda: join_call(member=member, call_id=call.pk, device=Device(page.device), **how))


def offer(call: int, page: Page, to: int, to_device: UUID, **data: Any) -> Frame:
    """A signal as pages send it."""
    data = data or {"description": {"type": "offer", "sdp": "v=0\r\n"}}
    devices = {"device": str(page.device), "to_device": str(to_device)}
    return {"type": "signal", "call": call, "to": to, "data": data} | devices
