"""How the process ends: it finishes what it has taken, sends its pages elsewhere, and is gone within ten seconds.

Daphne itself cancels every socket and request immediately, so the signal is taken before Twisted sees it.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from worksbridge.live.draining import drain
from worksbridge.live.hub import hub

logger = logging.getLogger(__name__)
# In seconds. How long pages may go on sending; how long what they sent may take; how long they may take to say goodbye.
SENDING, FINISHING, PARTING = 2, 4, 1
# So long without a frame means that nothing more is on its way.
SILENCE = 0.15
# More connections than a listening socket of Daphne's has waiting.
ACCEPTED = 1_000
# However much is left, the process is gone by then: a loop or a database that hangs must not keep it.
DEADLINE = 9.5
# How long requests in threads may take to notice that the event loop has ended. Python joins them before it exits,
# and Django has some of them wait for the loop; what was acknowledged is committed long before.
GRACE = 1
STOPS = (signal.SIGTERM, signal.SIGINT)
_leaving: set[asyncio.Task[None]] = set()
_watching = False


def watch_shutdown() -> None:
    """Take the signals that stop the process. Does nothing under servers without Twisted, and in other threads."""
    global _watching  # noqa: PLW0603  (once for each process)
    reactor = sys.modules.get("twisted.internet.reactor")
    if _watching or reactor is None or threading.current_thread() is not threading.main_thread():
        return
    _watching = True
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(_leave_once, reactor)

    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def _leave_once(reactor: Any) -> None:
    """Begin to leave. A second signal changes nothing: leaving takes seconds, and is not sped up by losing things."""
    if drain.began:
        return
    drain.began = True
    _end_within(DEADLINE)
    _leaving.add(asyncio.get_running_loop().create_task(_leave(reactor)))


async def _leave(reactor: Any) -> None:
    started = time.monotonic()
    logger.info("draining", extra={"sockets": drain.sockets})
    try:
        _stop_listening(reactor)
        await _until(lambda: drain.quiet(SILENCE), SENDING)
        drain.closed = True
        await _until(lambda: not drain.owes and not hub.behind(), FINISHING)
        await hub.say_goodbye()
        await _until(lambda: drain.sockets == 0 and not drain.owes, PARTING)
    except Exception:
        logger.exception("draining failed")
    logger.info("drained", extra={"sockets": drain.sockets, "seconds": round(time.monotonic() - started, 2)})
    reactor.addSystemEventTrigger("after", "shutdown", _end_within, GRACE)
    reactor.stop()


def _stop_listening(reactor: Any) -> None:
    """Take the connections that the system has already accepted, then stop."""
    from twisted.internet.interfaces import IListeningPort  # noqa: PLC0415  (only there under Daphne)

    for reader in reactor.getReaders():
        if IListeningPort.providedBy(reader):
            # All of them: Twisted takes as many as it found last time, often one.
            reader.numberAccepts = ACCEPTED
            reader.doRead()
            reader.stopListening()


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    # Looked at again and again: who may be done first is spread over many places, none of which knows of this.
    while not condition() and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _end_within(seconds: float) -> None:
    timer = threading.Timer(seconds, os._exit, [0])
    timer.daemon = True
    timer.start()
