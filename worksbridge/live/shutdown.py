"""Telling pages to go before the process ends, so that they come back spread out and not all at once."""

import asyncio
import sys

from worksbridge.live.hub import hub

_watching = False


def watch_shutdown() -> None:
    """Say goodbye when the server's reactor is about to stop. Does nothing under servers without Twisted."""
    global _watching  # noqa: PLW0603  (once for each process)
    reactor = sys.modules.get("twisted.internet.reactor")
    if _watching or reactor is None:
        return
    _watching = True
    reactor.addSystemEventTrigger("before", "shutdown", _goodbye)


def _goodbye() -> object:
    # The reactor waits for the Deferred it is given, so the frames are written before connections end.
    from twisted.internet.defer import Deferred  # noqa: PLC0415  (only there under Daphne)

    return Deferred.fromFuture(asyncio.ensure_future(hub.say_goodbye()))
