"""`manage.py migrate`, which gives up rather than holding everybody up.

A statement that waits for a table lock blocks all statements after it: a few seconds of that are an outage.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# How long a statement may wait for a lock, and how long it may take. Aborted ones are retried.
TIMEOUTS = {"lock_timeout": "5s", "statement_timeout": "15min"}


class Command(migrate.Command):
    """Django's own, with limits for each statement."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate within the limits, and take them back."""
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            for name, value in TIMEOUTS.items():
                cursor.execute(f"SET {name} = '{value}'")
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                for name in TIMEOUTS:
                    cursor.execute(f"RESET {name}")
