"""Row numbers that are unique across all tables, so that each is recognised anywhere."""

from django.db import connection
from django.db.models import Model

from tests.accounts.admin_matrix.rows import all_models

# Rows have numbers that nothing else on a page has, of one length; so have the rows that do not exist.
FIRST = 7_000_000
EACH = 10_000


def sequences() -> dict[str, int]:
    """How far the numbering of each table is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, COALESCE(last_value, 0) FROM pg_sequences")
        return dict(cursor.fetchall())


def put_back(values: dict[str, int]) -> None:
    """Let the numbering go on from there again."""
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, max(value, 1), value > 0])


def jump() -> dict[type[Model], int]:
    """Let each table go on from a number of its own; for each the number of a row that does not exist."""
    missing: dict[type[Model], int] = {}
    for place, model in enumerate(all_models()):
        first = FIRST + place * EACH
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, model._meta.pk.column])
            name = cursor.fetchone()[0]
            if name:
                cursor.execute("SELECT setval(%s, %s)", [name, first])
        missing[model] = first + EACH - 1
    return missing
