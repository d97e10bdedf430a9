"""A WebSocket client that costs little: what is measured is the server, and both share a machine."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable

Heard = Callable[["Connection", bytes, float], None]
CLOSE, PING, PONG = 8, 9, 10
SHORT, MIDDLE = 126, 127


class Connection(asyncio.Protocol):
    """One open socket. Every text frame is handed to `heard` with the time at which it was there."""

    def __init__(self, host: str, path: str, session: str, heard: Heard) -> None:
        self.host, self.path, self.session, self.heard = host, path, session, heard
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self._time = loop.time
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP has one that writes
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nOrigin: http://{self.host}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: sessionid={self.session}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take frames off what has come."""
        now = self._time()
        self._buffer = self._buffer + data if self._buffer else data
        if not self._upgraded and not self._upgrade():
            return
        at, end = 0, len(self._buffer)
        while (found := _frame(self._buffer, at, end)) is not None:
            kind, start, at = found
            self._take(kind, self._buffer[start:at], now)
        self._buffer = self._buffer[at:]

    def _upgrade(self) -> bool:
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.opened.set_exception(ConnectionError(head[:200].decode(errors="replace")))
            self.transport.close()
            return False
        self._upgraded, self._buffer = True, rest
        self.opened.set_result(None)
        return True

    def _take(self, kind: int, payload: bytes, now: float) -> None:
        if kind == PING:
            self._write(PONG, payload)
        elif kind == CLOSE:
            self.transport.close()
        else:
            self.heard(self, payload, now)

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._write(1, text.encode())

    def _write(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < SHORT:
            head = bytes((0x80 | kind, 0x80 | size))
        else:
            head = bytes((0x80 | kind, 0x80 | SHORT)) + struct.pack("!H", size)
        # A mask of zeros is a mask: the server undoes it like any other.
        self.transport.write(head + b"\0\0\0\0" + payload)

    def connection_lost(self, error: Exception | None) -> None:
        """Say that it is over."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was open"))
        if not self.closed.done():
            self.closed.set_result(0)


def _frame(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """The kind of the whole frame that begins at `at`, and where its payload begins and ends."""
    if end - at < 2:
        return None
    size = data[at + 1] & 127
    start = at + 2
    if size == SHORT:
        if end - at < 4:
            return None
        size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    elif size == MIDDLE:
        if end - at < 10:
            return None
        size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    return (data[at] & 15, start, start + size) if start + size <= end else None


async def connect(host: str, path: str, session: str, heard: Heard) -> Connection:
    """An open connection. Raises ConnectionError when the server refuses it."""
    name, _, port = host.partition(":")
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(host, path, session, heard), name, int(port))
    await connection.opened
    return connection
