"""Writing to one socket: each text framed once for all its sockets, in order, without waiting.

Daphne itself frames every text again for each socket, formats log lines that no one reads and asks the reactor to
wait until the socket is writable, each time. That is the fallback where its connection is not as expected.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from worksbridge.live.daphne import Connection, limit_messages
from worksbridge.live.frame_reader import FrameReader

# More than a page that reads ever has waiting: some hundred messages.
WAITING_LIMIT = 1024 * 1024
# The longest frame a page may send: 10,000 characters, each escaped as two \uXXXX, and the wrapping.
FRAME_LIMIT = 128 * 1024
# RFC 6455, 5.2: a whole text message in one frame, unmasked as the server's frames are.
_TEXT, _SHORT, _MIDDLE = 0x81, 126, 127
# Close codes from here on are for applications. This one is for a page that does not read; it may come back.
OWN_CODES, TOO_SLOW = 3000, 4408


class Frame:
    """A text on its way to any number of sockets; as bytes for the wire it is made once."""

    __slots__ = ("_wire", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._wire = b""

    @property
    def wire(self) -> bytes:
        """The WebSocket frame."""
        if not self._wire:
            self._wire = _framed(self.text.encode())
        return self._wire


def _framed(payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        return bytes((_TEXT, size)) + payload
    if size <= 0xFFFF:  # noqa: PLR2004  (two bytes)
        return bytes((_TEXT, _SHORT)) + size.to_bytes(2, "big") + payload
    return bytes((_TEXT, _MIDDLE)) + size.to_bytes(8, "big") + payload


class Transport:
    """The connection under one socket."""

    __slots__ = ("_connection", "_queue", "_reader", "_send", "_unsent")

    def __init__(self, send: Any) -> None:
        self._send = send
        self._queue: asyncio.Task[None] | None = None
        # Bytes that wait for the server's own way.
        self._unsent = 0
        self._connection = Connection.of(send)
        self._reader: FrameReader | None = None
        limit_messages(send, FRAME_LIMIT * 8)
        if self._connection is not None:
            self._reader = FrameReader(self._connection)

    def write(self, frames: Sequence[Frame]) -> None:
        """Send the frames, in order, without waiting. What can no longer be sent is dropped."""
        connection = self._connection
        if connection is None:
            self._unsent += sum(len(frame.text) for frame in frames)
            self._queue = asyncio.ensure_future(self._after(self._queue, frames))
        elif not connection.is_open:
            return
        elif connection.takes_frames:
            connection.write(frames[0].wire if len(frames) == 1 else b"".join([frame.wire for frame in frames]))
        else:
            for frame in frames:
                connection.send(frame.text.encode())

    async def _after(self, earlier: "asyncio.Task[None] | None", frames: Sequence[Frame]) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        with contextlib.suppress(Exception):  # the connection is gone; its end is reported elsewhere
            for frame in frames:
                await self._send({"type": "websocket.send", "text": frame.text})
        self._unsent -= sum(len(frame.text) for frame in frames)

    def read_on(self) -> None:
        """A frame of the other side has been handled: resume reading if it had sent too many."""
        if self._reader is not None:
            self._reader.go_on()

    def waiting(self) -> int:
        """How many bytes, about, the other side has not taken yet."""
        return self._unsent if self._connection is None else self._connection.unsent

    def close(self, code: int) -> bool:
        """Send a close frame with a code below 3000, which the server's own interface does not let through.

        Whether that was done; other codes are the server's to send.
        """
        if code >= OWN_CODES or self._connection is None:
            return False
        self._connection.close(code)
        return True

    def abort(self) -> None:
        """End the connection immediately, without waiting for the other side. Unsent data is dropped."""
        if self._connection is not None:
            self._connection.abort()
        else:
            if self._queue is not None:
                self._queue.cancel()
            self._queue = asyncio.ensure_future(self._end())

    async def _end(self) -> None:
        with contextlib.suppress(Exception):  # as above
            await self._send({"type": "websocket.close", "code": TOO_SLOW})
