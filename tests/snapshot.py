"""Rows that were made once and are put back for each test that wants them: making the cast takes a fifth of a run.

They are what the product's own actions wrote, to the last column, the audit log's hashes among them.
"""

import copy
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection, transaction

T = TypeVar("T")


class Kept(Generic[T]):
    """What `make` returns, with the rows that it wrote: made at the first call, put back at others.

    Nobody has the rows' numbers meanwhile: they are taken from the sequences for good. Triggers had their say the
    first time.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None
        self._rows: list[tuple[str, str]] = []

    def __call__(self) -> T:
        """Write the rows, all or none. Fails when making them changes a table that was not empty before."""
        if self._made is None:
            return self._first()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            # All at once: most of the time would be spent on the way to the server and back.
            statements = "; ".join(statement for statement, _rows in self._rows)
            cursor.execute(statements, [rows for _statement, rows in self._rows])
            cursor.execute("SET LOCAL session_replication_role = origin")
        return copy.deepcopy(self._made)

    def _first(self) -> T:
        with transaction.atomic():
            before = _filled()
            made = self._make()
            # What triggers do at the commit, the audit log's chain among it, is done now.
            connection.check_constraints()
            after = _filled()
            assert before == {table: after[table] for table in before}
            self._rows = [_kept(table) for table in after if table not in before]
        self._made = copy.deepcopy(made)
        return made


def _filled() -> dict[str, int]:
    """How many rows each table has, but for the empty ones."""
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def _kept(table: str) -> tuple[str, str]:
    """A statement that fills the table with rows, and the rows."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
            " FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        columns = cursor.fetchone()[0]
        cursor.execute(f"SELECT json_agg(t)::text FROM (SELECT {columns} FROM {name}) AS t")
        rows = cursor.fetchone()[0]
    return f"INSERT INTO {name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{name}, %s)", rows
