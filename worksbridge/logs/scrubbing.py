"""Keeps private data out of the log: what people wrote, their addresses, tracebacks of outages.

PostgreSQL quotes whole rows in the details of an error, message text included: only its first line is kept.
"""

import logging
import re
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import psycopg
import redis
from django.db import DatabaseError, InterfaceError, OperationalError

ADDRESS = re.compile(r"[^\s@'\"<>(){}\[\],;:=]+@[^\s@'\"<>(){}\[\],;:=]+\.[^\s@'\"<>(){}\[\],;:=]+")
# Errors that only say that another server is unavailable: one line is enough.
OUTAGES = (OperationalError, InterfaceError, psycopg.OperationalError, redis.RedisError)
QUOTING = (DatabaseError, InterfaceError, psycopg.Error)
Info = tuple[type[BaseException], BaseException, TracebackType | None]


def brief(error: BaseException) -> str:
    """What an error says, without what the database quotes in it."""
    text = str(error)
    return text.partition("\n")[0] if isinstance(error, QUOTING) else text


def told(exc_info: Info) -> str:
    """The traceback of an error and of those behind it, in short words."""
    return "\n\n".join(_one(error) for error in reversed(list(_chain(exc_info[1]))))


def _one(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}: {brief(error)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class Scrub(logging.Filter):
    """Shortens errors among a record's arguments, and leaves the traceback of an outage away."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(brief(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OUTAGES):
            record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}: {brief(error)}", ()
            record.exc_info = record.exc_text = None
        return True


def hide_addresses(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace e-mail addresses in the texts of an event, wherever they came from."""
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = ADDRESS.sub("…@…", value)
    return event
