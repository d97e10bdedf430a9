"""Being told to stop: one way out of the launcher for Ctrl-C, a kill and a closed terminal."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

from .guard import signal_when_parent_ends

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The launcher was asked to stop. Not an Exception, so that no handler takes it for an error."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped at the first stop signal within the block; further ones do not disturb the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_with_parent() -> None:
    """From now on, take the end of the parent process (make, usually) for a request to stop."""
    signal_when_parent_ends(signal.SIGTERM, os.getppid())
