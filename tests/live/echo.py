"""An application that says back what it hears, over the product's own transport: for what is to be known of Daphne."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from worksbridge.live import daphne
from worksbridge.live.transport import Frame, Transport

Receive, Send = Callable[[], Awaitable[dict[str, Any]]], Callable[[dict[str, Any]], Awaitable[None]]
# What to answer with a report instead.
REPORT = "report"


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One socket, until it is closed."""
    assert scope["type"] == "websocket"
    transport = Transport(send)
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text")
        said = json.dumps(_report(send, transport)) if text == REPORT else text
        transport.write([Frame(said if said is not None else "no text")])
        transport.read_on()


def _report(send: Send, transport: Transport) -> dict[str, Any]:
    """Whether the quick way is taken, and what the connection lacks of what that needs."""
    protocol = send.args[0]  # type: ignore[attr-defined]
    lacking = [name for name in (*daphne.PROTOCOL, *daphne.HANDSHAKE) if not hasattr(protocol, name)]
    lacking += [name for name in daphne.TRANSPORT if not hasattr(protocol.transport, name)]
    connection = daphne.Connection.of(send)
    return {
        "lacking": lacking,
        "quick": connection is not None and transport._connection is not None and connection.takes_frames,
        "between": connection is not None and connection.is_between_messages,
        "open": connection is not None and connection.is_open,
        "queued": connection.queued if connection else -1,
        "unsent": transport.waiting(),
    }
