"""What only the server's own connection object can tell or do, with a plain fallback for other servers.

Daphne hands the application a `send` bound to its protocol object (Autobahn on Twisted). Going through it frames every
text anew for each socket, formats log lines that nobody reads and asks the reactor to wait until the socket can be
written to, each time. Here a text is framed once for all its sockets, and goes straight to the operating system as
long as nothing waits before it. Twisted keeps what the other side has not read yet in the transport's buffer, without
limit: measuring it is the only way to cut a page that does not read.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from worksbridge.live.receiving import Reading

# More than a page that reads ever has waiting: some hundred messages.
WAITING_LIMIT = 1024 * 1024
# The longest frame a page may send: 10,000 characters, each escaped as two \uXXXX, and the wrapping.
FRAME_LIMIT = 128 * 1024
# RFC 6455, 5.2: a whole text message in one frame, unmasked as the server's frames are.
_TEXT, _SHORT, _MIDDLE = 0x81, 126, 127


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


# Close codes from here on are for applications.
OWN_CODES = 3000


class Transport:
    """The connection under one socket."""

    __slots__ = ("_protocol", "_queue", "_reading", "_send")

    def __init__(self, send: Any) -> None:
        self._send = send
        self._queue: asyncio.Task[None] | None = None
        self._reading: Reading | None = None
        protocol = next(iter(getattr(send, "args", ())), None)
        self._protocol = protocol if hasattr(protocol, "sendMessage") else None
        if self._protocol is not None:
            # Beyond this the server ends the connection by itself (code 1009) before keeping the frame in memory.
            self._protocol.maxMessagePayloadSize = FRAME_LIMIT * 8
            self._protocol.maxFramePayloadSize = FRAME_LIMIT * 8
            self._reading = Reading(self._protocol)

    def write(self, frames: Sequence[Frame]) -> None:
        """Send the frames, in order, without waiting. What cannot be sent any more is dropped."""
        protocol = self._protocol
        if protocol is None:
            self._queue = asyncio.ensure_future(self._after(self._queue, frames))
        elif protocol.state != protocol.STATE_OPEN:
            return
        elif protocol.send_queue or getattr(protocol, "_perMessageCompress", None) is not None:
            for frame in frames:
                protocol.sendMessage(frame.text.encode())
        else:
            wire = frames[0].wire if len(frames) == 1 else b"".join([frame.wire for frame in frames])
            _write(protocol.transport, wire)

    async def _after(self, earlier: "asyncio.Task[None] | None", frames: Sequence[Frame]) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        with contextlib.suppress(Exception):  # the connection is gone; its end is told elsewhere
            for frame in frames:
                await self._send({"type": "websocket.send", "text": frame.text})

    def read_on(self) -> None:
        """A frame of the other side has been carried out: whoever sent too many at once is read further."""
        if self._reading is not None:
            self._reading.go_on()

    def waiting(self) -> int:
        """How many bytes the other side has not taken yet; 0 where the server does not tell."""
        transport = getattr(self._protocol, "transport", None)
        buffer = getattr(transport, "dataBuffer", None)
        if transport is None or buffer is None:
            return 0
        return len(buffer) - transport.offset + transport._tempDataLen  # noqa: SLF001  (Twisted has no public way to ask)

    def close(self, code: int) -> bool:
        """Send a close frame with a code below 3000, which the server's own interface does not let through.

        Whether that was done; other codes are the server's to send.
        """
        if code >= OWN_CODES or self._protocol is None:
            return False
        self._protocol.sendCloseFrame(code=code)
        return True

    def abort(self) -> None:
        """End the connection at once, without waiting for the other side."""
        transport = getattr(self._protocol, "transport", None)
        if transport is not None:
            transport.abortConnection()


def _write(transport: Any, wire: bytes) -> None:
    """Hand bytes to the operating system at once when nothing waits before them, else to Twisted's buffer."""
    idle = getattr(transport, "dataBuffer", None) == b"" and not transport._tempDataBuffer  # noqa: SLF001  (as above)
    if idle and transport.connected and not transport.disconnecting and hasattr(transport, "socket"):
        try:
            sent = transport.socket.send(wire)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            return  # the other side is gone; Twisted finds out when it reads
        if sent == len(wire):
            return
        wire = wire[sent:]
    transport.write(wire)
