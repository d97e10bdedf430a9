"""One user at a time for a folder. The kernel drops a lock with the last process that holds it open."""

import fcntl
import os
from pathlib import Path
from typing import Self

from .errors import Busy


class Lock:
    """An exclusive lock on a file; `fd` may be handed to a child, which then holds it too."""

    def __init__(self, path: Path, busy: str) -> None:
        self._path = path
        self._busy = busy
        self.fd = -1

    def take(self) -> None:
        """Take the lock, or raise Busy with the text given."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            raise Busy(self._busy) from None
        self.fd = fd

    def release(self) -> None:
        """Let go of the lock; it is free when no child holds it either."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
