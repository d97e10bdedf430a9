"""The socket of one open page: a plain ASGI application.

Not a Channels consumer, because `AsyncConsumer.dispatch` hops into one shared thread before every event.
"""

import json
import logging
import time
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from worksbridge import metrics
from worksbridge.client_address import coming_from
from worksbridge.errors import Code, TooMany, WorksBridgeError
from worksbridge.live import frames
from worksbridge.live.database import in_thread
from worksbridge.live.draining import drain
from worksbridge.live.hub import SESSION_OVER, hub
from worksbridge.live.rate_limits import Bucket, Rate
from worksbridge.live.session import Identity, identify, session_key_of
from worksbridge.live.session_lookup import arriving
from worksbridge.live.shutdown import watch_shutdown
from worksbridge.live.transport import WAITING_LIMIT, Frame, Transport
from worksbridge.live.write_batching import outgoing
from worksbridge.logs.context import bind_member, named
from worksbridge.refusals import concerns_consent, tell_refused

logger = logging.getLogger(__name__)
# Frames that make no sense may come now and then (an old page after a deploy), not in masses.
BAD_FRAMES = Rate(20, 60)
# How often a socket's session is looked up again, in seconds.
RECHECK = 60


class Socket:
    """One open page of one member."""

    __slots__ = (
        "_address",
        "_bad",
        "_buckets",
        "_checked_at",
        "_closed",
        "_named",
        "_send",
        "_transport",
        "_waiting",
        "company_id",
        "member_id",
        "session_key",
    )

    def __init__(self, identity: Identity, send: Any, address: str = "") -> None:
        self.member_id = identity.member_id
        self.company_id = identity.company_id
        self.session_key = identity.session_key
        self._address = address
        self._send = send
        self._named = named()
        self._transport = Transport(send)
        self._waiting: list[Frame] = []
        self._buckets: dict[str, Bucket] = {}
        self._bad: Bucket | None = None
        self._checked_at = time.monotonic()
        self._closed = False

    def write(self, frame: Frame) -> None:
        """Send a ready frame when the loop comes round, with all that comes for this page until then."""
        if self._closed:
            return
        if not self._waiting:
            outgoing.flush_soon(self)
        self._waiting.append(frame)

    def flush(self) -> None:
        """Send what waits. A page that does not read what was sent before is cut."""
        frames, self._waiting = self._waiting, []
        if self._closed or not frames:
            return
        if self._transport.waiting() > WAITING_LIMIT:
            logger.warning("socket of member %s does not read, cut", self.member_id, extra=self._named)
            self._closed = True
            self._transport.abort()
            return
        self._transport.write(frames)

    def reply(self, frame: dict[str, Any]) -> None:
        """Send a frame to this page alone."""
        self.reply_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    def reply_text(self, text: str) -> None:
        """The same for a frame that is JSON already."""
        self.write(Frame(text))

    async def refuse(self, error: WorksBridgeError, frame: dict[str, Any] | None = None) -> None:
        """Tell the page why its frame was not carried out."""
        answer: dict[str, Any] = {"type": "nack", "code": error.code, "text": str(error.text)}
        if isinstance(error, TooMany):
            answer |= {"retry": True, "after": error.retry_after}
        if frame and isinstance(frame.get("client_id"), str):
            answer["client_id"] = frame["client_id"][:64]
        if frame and isinstance(frame.get("call"), int):
            answer["call"] = frame["call"]
        metrics.refused(error.code)
        self.reply(answer)
        if concerns_consent(error):
            await in_thread(tell_refused, self.member_id, error, f"/live/{(frame or {}).get('type', '')}")

    async def close(self, code: int) -> None:
        """End the socket with a close code."""
        if not self._closed:
            self.flush()
            self._closed = True
            if not self._transport.close(code):
                await self._send({"type": "websocket.close", "code": code})

    async def still_signed_in(self) -> bool:
        """Whether the session is still valid; queries the database at most once a minute."""
        if time.monotonic() - self._checked_at < RECHECK:
            return True
        self._checked_at = time.monotonic()
        try:
            return await in_thread(identify, self.session_key) is not None
        except (OperationalError, InterfaceError):  # no answer; keep the socket until there is one
            return True

    def _count(self, kind: str, rate: Rate) -> None:
        bucket = self._buckets.get(kind)
        if bucket is None:
            bucket = self._buckets[kind] = Bucket(rate)
        if not bucket.take():
            raise TooMany

    def _tolerates(self) -> bool:
        """Whether another malformed frame is tolerated."""
        self._bad = self._bad or Bucket(BAD_FRAMES)
        return self._bad.take()

    async def listen(self, receive: Any) -> None:
        """Carry out the page's frames until it goes."""
        with coming_from(self._address):
            while (event := await receive())["type"] != "websocket.disconnect":
                with drain.handling():
                    await self.handle(event.get("text"))
                self._transport.read_on()
                if not await self.still_signed_in():
                    await self.close(SESSION_OVER)

    async def handle(self, text: str | None) -> None:
        """Carry out one frame of the page."""
        frame = None
        try:
            frame = frames.parse(text)
            entry = frames.table[frame["type"]]
            self._count(frame["type"], entry.rate)
            await entry.handler(self, frame)
        except WorksBridgeError as error:
            if isinstance(error, frames.BadFrame) and not self._tolerates():
                await self.close(4400)
                return
            await self.refuse(error, frame)
        except Exception:
            logger.exception("a frame failed")
            await self.refuse(WorksBridgeError(code=Code.FAILED), frame)


async def live(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application behind `/live/`."""
    event = await receive()
    if event["type"] != "websocket.connect" or scope["path"] != "/live/":
        await send({"type": "websocket.close"})
        return
    identity = await arriving.identify(session_key_of(scope))
    await send({"type": "websocket.accept"})
    if identity is None:
        await send({"type": "websocket.close", "code": SESSION_OVER})
        return
    if hub.sockets_of(identity.member_id) >= settings.LIVE_SOCKETS_PER_MEMBER:
        await send({"type": "websocket.close", "code": 4429})
        return
    client = scope.get("client") or [""]
    await _serve(Socket(identity, send, client[0]), receive)


async def _serve(socket: Socket, receive: Any) -> None:
    hub.start()
    watch_shutdown()
    bind_member(socket.member_id, socket.company_id)
    hub.join(socket)
    logger.info("socket opened")
    try:
        await socket.listen(receive)
    finally:
        hub.leave(socket)
        logger.info("socket closed")
