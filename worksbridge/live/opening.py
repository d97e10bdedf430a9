"""Around every socket: it is counted, its lines say which it is, and a process that goes takes no new ones."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError

from worksbridge import metrics
from worksbridge.live.draining import drain
from worksbridge.live.socket import live
from worksbridge.logs.context import about, new_id

logger = logging.getLogger(__name__)


async def sockets(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application behind every socket."""
    if drain.began:
        await send({"type": "websocket.close"})
        return
    with drain.open_socket(), metrics.open_sockets.track_inprogress(), about(socket=new_id()):
        try:
            await live(scope, drain.listening(receive), send)
        except (OperationalError, InterfaceError) as error:
            # The page reconnects by itself; until then no one can be identified.
            logger.warning("a socket ended without the database: %s", error)
            await send({"type": "websocket.close"})
