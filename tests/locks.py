"""What waits for a lock in the tests' database."""

from django.db import connection

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""


def somebody_waits() -> bool:
    """Whether a session of the database waits for a lock that another one holds."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
