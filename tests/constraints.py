"""What the database checks at the commit."""

from django.db import connection


def check_constraints() -> None:
    """Check it now: whoever breaks a deferred constraint is refused here."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
