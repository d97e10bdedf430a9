"""The time of messages, by the database's clock, because the clocks of web processes differ.

Each process' own clock would put a later message at an earlier time, and its room below others in the list.
"""

from datetime import datetime

from django.db import connection


def time_by_database() -> datetime:
    """The time now by the database's clock. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
