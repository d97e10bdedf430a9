"""Emptying the tables after a test that committed: Django's own way takes ten times as long.

It truncates every table, whether anything is in it or not, and makes permissions and content types anew.
"""

from typing import Any

from django.db import connection, transaction

# What migrations fill.
STAYING = {"auth_permission", "django_content_type", "django_migrations"}


def empty_tables(_test_case: Any = None) -> None:
    """Delete what tests have written, once nobody who writes still waits for their commit.

    Triggers are not asked: some refuse this, and none has anything to say when nothing is left.
    """
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [quote(table) for table in connection.introspection.table_names(cursor) if table not in STAYING]
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
        filled = [table for (table,) in cursor.fetchall()]
        cursor.execute(";".join(f"DELETE FROM {table}" for table in filled) or "SELECT")
