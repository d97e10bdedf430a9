"""What the tests of the audit log share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.models import AuditSeal


@contextmanager
def by_hand() -> Iterator[Callable[..., None]]:
    """SQL as the owner of the database may write it, with all triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield lambda sql, *values: cursor.execute(sql, values)


def at(company_id: int, number: int) -> int:
    """The id of the entry at this place of a company's chain."""
    return AuditSeal.objects.get(company=company_id, number=number).entry_id
