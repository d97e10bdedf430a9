"""Whether anything was written to some tables: one question, where comparing all their rows takes several."""

from django.db import connection
from django.db.models import Model

COUNT = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)
"""


def rows_written(*models: type[Model]) -> int:
    """How many rows of these tables the running transaction has inserted, updated or deleted, also if undone since.

    https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-VIEWS
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [[model._meta.db_table for model in models]])
        return int(cursor.fetchone()[0])
