"""From which address what is done now was asked for: known while a page or a frame is answered, empty elsewhere."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

_address: ContextVar[str | None] = ContextVar("address", default=None)


def current() -> str | None:
    """The client's address; None for commands and for what the product does by itself."""
    return _address.get()


@contextmanager
def coming_from(address: object) -> Iterator[None]:
    """While it lasts, what is done was asked for from `address`; what is no IP address counts as none."""
    token = _address.set(_plain(address))
    try:
        yield
    finally:
        _address.reset(token)


@lru_cache(maxsize=4096)
def _plain(address: object) -> str | None:
    # Without the zone of a link-local address, which says something about this machine only.
    text = str(address or "").partition("%")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
