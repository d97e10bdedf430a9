"""What waits to be written to sockets: all that comes for one of them within a turn of the loop goes in one piece."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worksbridge.live.socket import Socket

_waiting: "list[Socket]" = []


def flush_soon(socket: "Socket") -> None:
    """`socket` has something to write for the first time since it was flushed."""
    if not _waiting:
        asyncio.get_running_loop().call_soon(flush)
    _waiting.append(socket)


def flush() -> None:
    """Write what waits now."""
    sockets = _waiting.copy()
    _waiting.clear()
    for socket in sockets:
        socket.flush()
