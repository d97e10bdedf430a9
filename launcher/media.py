"""coturn and Janus for tests with calls: those that are there, else Debian's, unpacked."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import namespace
from .coturn import Coturn
from .debian import Program
from .errors import Busy, LocalError
from .janus import Janus
from .programs import find
from .services import More


class Programs(NamedTuple):
    """What carries calls besides the browsers themselves."""

    turnserver: Program
    janus: Program


def find_or_fetch() -> Programs:
    """Return the first coturn and the first Janus that start; raise LocalError with what to install."""
    return Programs(find("turnserver", "coturn"), find("janus", "janus"))


def prepare() -> More:
    """Enter a network of our own, with the programs in hand; return what starts them there.

    Where that cannot be had, it yields MEDIA_ERROR instead: the tests that need them fail with it.
    """
    try:
        programs = find_or_fetch()
        namespace.enter()
    except LocalError as error:
        why = {"MEDIA_ERROR": str(error)}
        return lambda _data: contextlib.nullcontext(why)
    # Servers that the environment names are out of reach from here.
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    return lambda data: _servers(programs, data)


@contextlib.contextmanager
def _servers(programs: Programs, data: Path) -> Iterator[dict[str, str]]:
    """Yield what a command needs to know of coturn and Janus, which run until the end of the block."""
    with contextlib.ExitStack() as stack:
        try:
            coturn = stack.enter_context(Coturn(programs.turnserver, data / "coturn", namespace.ADDRESS))
            janus = stack.enter_context(Janus(programs.janus, data / "janus", namespace.ADDRESS))
            env = {**coturn.env, **janus.env}
        except Busy:
            raise
        except LocalError as error:
            env = {"MEDIA_ERROR": str(error)}
        yield env
