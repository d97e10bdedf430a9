"""What every line of a request or a socket says besides its event."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

# What a proxy may hand in as a request's id: nothing that could break a line or pretend to be more than an id.
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def new_id() -> str:
    """An id for a request or a socket."""
    return uuid.uuid4().hex


def request_id(given: str) -> str:
    """The id that came with a request when it is well-formed, else a new one."""
    return given if WELL_FORMED.fullmatch(given) else new_id()


@contextmanager
def about(**fields: str | int | None) -> Iterator[None]:
    """Within the block every line carries `fields`: `request` or `socket`, by id."""
    # Members are bound later, and must not outlive the block in a thread that is used again.
    with bound_contextvars(**fields, member=None, company=None):
        yield


def named() -> dict[str, str | int]:
    """The log context to use elsewhere: code that delivers to a socket runs outside its context."""
    return {name: value for name, value in get_contextvars().items() if value is not None}


def bind_member(member_id: int | None, company_id: int | None) -> None:
    """From now on the lines of this request or socket say whose it is, by number."""
    bind_contextvars(member=member_id, company=company_id)
