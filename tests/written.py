"""What was written to which tables: one question, where comparing all their rows takes several."""

from django.db import connection
from django.db.models import Model

ROWS = "n_tup_ins + n_tup_upd + n_tup_del"
COUNT = f"SELECT coalesce(sum({ROWS}), 0) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
COUNTS = f"SELECT relname, {ROWS} FROM pg_stat_xact_user_tables WHERE {ROWS} > 0"


def rows_written(*models: type[Model]) -> int:
    """How many rows of these tables the running transaction has inserted, updated or deleted, also if undone since.

    https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-VIEWS
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [[model._meta.db_table for model in models]])
        return int(cursor.fetchone()[0])


def rows_by_table() -> dict[str, int]:
    """The same for each table that the running transaction has written to."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return dict(cursor.fetchall())
