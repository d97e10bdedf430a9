"""A page that opens a socket and never reads from it."""

import socket
from urllib.parse import urlsplit

BUFFER = 4096


def open_deaf(origin: str, session: str) -> socket.socket:
    """Open `/live/` with a small buffer and read nothing but the beginning of the answer."""
    address = urlsplit(origin)
    raw = socket.socket()
    # Before connecting: the window is agreed on then.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    raw.connect((address.hostname, address.port))
    raw.sendall(
        f"GET /live/ HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Origin: {origin}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Cookie: sessionid={session}\r\n\r\n".encode()
    )
    assert b"101" in raw.recv(12)
    return raw
