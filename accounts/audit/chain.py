"""The hashes of the audit log's chain, recomputed in Python as migrations/audit_chain.sql does."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.audit.key import keys

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """A stored entry; `data` and `address` as PostgreSQL writes them."""

    id: int
    company: int
    transaction: int
    actor: int | None
    event: str
    data: str
    created_at: datetime
    address: str | None


@dataclass(frozen=True)
class Seal:
    """A place in a chain, and the entry that is there now."""

    number: int
    hash: str
    entry_id: int
    entry: Entry | None


def entry_hashes(entry: Entry, *, number: int, before: str, entry_id: int | None = None) -> list[str]:
    """The valid hashes of an entry at a place of its company's chain, after the hash `before`: one for each key."""
    moment = (entry.created_at - EPOCH) // timedelta(microseconds=1)
    place = ("entry", entry.company, number, before, entry.id if entry_id is None else entry_id)
    return _hashes((*place, entry.transaction, entry.actor, entry.event, entry.data, moment, entry.address))


def head_macs(company: int, number: int, text: str) -> list[str]:
    """The valid MACs of the newest place of a company's chain: one for each key."""
    return _hashes(("head", company, number, text))


def _hashes(parts: Iterable[object]) -> list[str]:
    said = b",".join(_part(part) for part in parts)
    return [hmac.new(key, said, "sha256").hexdigest() for key in keys()]


def _part(value: object) -> bytes:
    if value is None:
        return b"-"
    text = str(value).encode()
    return b"%d:%b" % (len(text), text)
