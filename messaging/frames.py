"""The socket frames about rooms and messages."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

from messaging.access import membership_of
from messaging.actions.read import mark_read
from messaging.actions.send import Draft, Outcome
from messaging.message import wire
from messaging.models import Room
from messaging.pages.room_list import list_mark
from messaging.readers import readers_told
from messaging.writer import Unavailable, writer
from worksbridge.errors import WorksBridgeError
from worksbridge.live.database import in_thread
from worksbridge.live.draining import drain
from worksbridge.live.frames import BadFrame, handles, number
from worksbridge.live.page import Page
from worksbridge.live.presence import online
from worksbridge.live.push import push
from worksbridge.live.rate_limits import Rate

OPEN_ROOMS = 20
SHOWN_MEMBERS = 100


@handles("send", Rate(60, 10))
async def send(socket: Page, frame: dict[str, Any]) -> None:
    """Hand the draft to the writer; the page is told when it is committed."""
    room_id = number(frame, "room")
    try:
        client_id = UUID(frame.get("client_id"))
    except (TypeError, ValueError, AttributeError) as error:
        raise BadFrame from error
    draft = Draft(room_id, socket.member_id, client_id, frame.get("body"))  # type: ignore[arg-type]  # checked there
    # Not waited for here: the page's next frame need not wait for this one's commit.
    writer.submit(draft, partial(_acknowledge, socket, frame["client_id"]))
    drain.took()


def _acknowledge(socket: Page, client_id: str, outcome: Outcome) -> None:
    drain.answered()
    if not isinstance(outcome, WorksBridgeError):
        socket.reply_text(wire.answer({"type": "ack", "room": outcome.room_id}, outcome))
    elif isinstance(outcome, Unavailable):
        nack = {"type": "nack", "client_id": client_id, "code": outcome.code, "text": str(outcome.text)}
        socket.reply(nack | {"retry": True})
    else:
        drain.hold(asyncio.ensure_future(socket.refuse(outcome, {"type": "send", "client_id": client_id})))


@handles("read", Rate(60, 10))
async def read(socket: Page, frame: dict[str, Any]) -> None:
    """The member has read the room up to a message."""
    await in_thread(_read, socket.member_id, number(frame, "room"), number(frame, "seq"))


def _read(member_id: int, room_id: int, seq: int) -> None:
    mark_read(member_id=member_id, room_id=room_id, seq=seq)


@handles("typing", Rate(10, 10))
async def typing(socket: Page, frame: dict[str, Any]) -> None:
    """The member is typing: told to the others in the room, stored nowhere."""
    await in_thread(_typing, socket.member_id, number(frame, "room"))


def _typing(member_id: int, room_id: int) -> None:
    membership_of(member_id, room_id)
    if Room.objects.filter(pk=room_id, frozen_at=None).exists():
        others = [other for other in readers_told(room_id, member_id) if other != member_id]
        push(others, {"type": "typing", "room": room_id, "member": member_id})


@handles("presence", Rate(20, 60))
async def presence(socket: Page, frame: dict[str, Any]) -> None:
    """Which of the room's members shown on the page are online."""
    room_id, wanted = number(frame, "room"), frame.get("members")
    if not isinstance(wanted, list) or len(wanted) > SHOWN_MEMBERS:
        raise BadFrame
    ids = [number({"member": member}, "member") for member in wanted]
    socket.reply(await in_thread(_presence, socket.member_id, room_id, ids))


def _presence(member_id: int, room_id: int, ids: list[int]) -> dict[str, Any]:
    membership_of(member_id, room_id)
    inside = set(ids) & set(readers_told(room_id, member_id))
    return {"type": "presence", "room": room_id, "online": sorted(online(inside))}


@handles("heartbeat", Rate(30, 60))
async def heartbeat(socket: Page, frame: dict[str, Any]) -> None:
    """Tell the page the revisions of its open rooms, so that it finds out what it missed."""
    rooms = frame.get("rooms", [])
    if not isinstance(rooms, list) or len(rooms) > OPEN_ROOMS:
        raise BadFrame
    ids = [number({"room": room}, "room") for room in rooms]
    socket.reply(await in_thread(_heads, socket.member_id, ids))


def _heads(member_id: int, ids: list[int]) -> dict[str, Any]:
    mine = Room.objects.of(member_id)
    heads = {str(pk): rev for pk, rev in mine.filter(pk__in=ids).values_list("pk", "rev")}
    return {"type": "heads", "heads": heads, "list": list_mark(member_id)}
