"""The socket frames of calls."""

from typing import Any

from calls.actions.status import set_status
from calls.presence import Heartbeat, note
from calls.signalling import page_of, relay
from worksbridge.live.database import in_thread
from worksbridge.live.frames import BadFrame, handles, number
from worksbridge.live.page import Page
from worksbridge.live.rate_limits import Rate


@handles("in_call", Rate(30, 60))
async def in_call(socket: Page, frame: dict[str, Any]) -> None:
    """The page is in a call and knows it up to revision `rev`."""
    note(Heartbeat(number(frame, "call"), socket.member_id, page_of(frame, "device"), number(frame, "rev")), socket)


@handles("signal", Rate(300, 10))
async def signal(socket: Page, frame: dict[str, Any]) -> None:
    """Pass an offer, an answer or candidates on to another page in the call."""
    await in_thread(relay, socket.member_id, frame)


@handles("call_status", Rate(30, 10))
async def call_status(socket: Page, frame: dict[str, Any]) -> None:
    """Microphone, camera or screen was switched on or off."""
    await in_thread(_status, socket.member_id, frame)


def _status(member_id: int, frame: dict[str, Any]) -> None:
    switched = {name: frame.get(name) for name in ("mic", "camera", "screen")}
    if not all(isinstance(value, bool) for value in switched.values()):
        raise BadFrame
    set_status(
        member_id=member_id,
        call_id=number(frame, "call"),
        device=page_of(frame, "device"),
        mic=switched["mic"] is True,
        camera=switched["camera"] is True,
        screen=switched["screen"] is True,
    )
