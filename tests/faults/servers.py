"""Servers that a test may break: its own, in the first folder that no other test uses."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from launcher.errors import Busy
from launcher.postgres import Postgres
from launcher.services import DATA
from launcher.valkey import Valkey

FOLDERS = 8
S = TypeVar("S", Postgres, Valkey)


@contextlib.contextmanager
def first_free(make: Callable[[Path], S]) -> Iterator[S]:
    """Run the server that `make` makes for a folder, until the end of the block."""
    for number in range(FOLDERS):
        server = make(DATA / "faults" / str(number))
        try:
            server.start()
        except Busy:
            continue
        try:
            yield server
        finally:
            server.stop()
        return
    raise AssertionError("every folder for servers of tests is in use")
