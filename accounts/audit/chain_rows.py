"""Reading a company's chain from the database, piece by piece: a log may be longer than the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from accounts.audit.chain import Entry, Seal

PIECE = 2_000
ENTRY = "e.id, e.company_id, e.transaction, e.actor_id, e.event, e.data::text, e.created_at, e.address::text"
SEALED = f"""
SELECT s.number, s.hash, s.entry_id, {ENTRY} FROM accounts_auditseal s
LEFT JOIN accounts_auditentry e ON e.id = s.entry_id WHERE s.company_id = %s ORDER BY s.number
"""  # noqa: S608  (the names of columns)
UNSEALED = f"""
SELECT {ENTRY} FROM accounts_auditentry e
WHERE e.company_id = %s AND NOT EXISTS (SELECT 1 FROM accounts_auditseal s WHERE s.entry_id = e.id)
ORDER BY e.id LIMIT %s
"""  # noqa: S608  (as above)
HEAD = "SELECT number, hash, mac FROM accounts_auditchain WHERE company_id = %s"


@contextmanager
def one_moment() -> Iterator[None]:
    """Read from one snapshot while the context lasts, whatever is written in the meantime."""
    first = not connection.in_atomic_block
    with transaction.atomic():
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def seals(company_id: int) -> Iterator[Seal]:
    """A company's seals, in their order, each with its entry."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(SEALED, [company_id])
        while rows := cursor.fetchmany(PIECE):
            for number, text, entry_id, *entry in rows:
                yield Seal(number, text, entry_id, None if entry[0] is None else Entry(*entry))


def unsealed(company_id: int, most: int) -> list[Entry]:
    """The entries of a company that nothing has sealed, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [company_id, most])
        return [Entry(*row) for row in cursor.fetchall()]


def head_of(company_id: int) -> tuple[int, str, str] | None:
    """Number, hash and mac of a company's newest place; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD, [company_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return None if row is None else (row[0], row[1], row[2])
