"""How the process ends: pages are told to go, and come back spread out; nothing waits for what cannot end."""

import asyncio
import os
import sys
import threading

from worksbridge.live.hub import hub

# How long requests that were running may take to finish after the event loop has ended, in seconds.
GRACE = 3
_watching = False


def watch_shutdown() -> None:
    """Take part when the server's reactor is about to stop. Does nothing under servers without Twisted."""
    global _watching  # noqa: PLW0603  (once for each process)
    reactor = sys.modules.get("twisted.internet.reactor")
    if _watching or reactor is None:
        return
    _watching = True
    reactor.addSystemEventTrigger("before", "shutdown", _goodbye)
    reactor.addSystemEventTrigger("after", "shutdown", _end_for_sure)


def _goodbye() -> object:
    # The reactor waits for the Deferred it is given, so the frames are written before connections end. Whom to tell
    # is asked now: Daphne has just cancelled every socket's coroutine, and they leave the hub as soon as the loop runs.
    from twisted.internet.defer import Deferred  # noqa: PLC0415  (only there under Daphne)

    return Deferred.fromFuture(asyncio.ensure_future(hub.say_goodbye()))


def _end_for_sure() -> None:
    """End the process even when a request's thread waits for the event loop, which is gone.

    Django runs synchronous middleware around an asynchronous handler by waiting in a thread for the loop; Python
    joins such threads before it exits, for ever. What was acknowledged is committed long before.
    """
    timer = threading.Timer(GRACE, os._exit, [0])
    timer.daemon = True
    timer.start()
