"""To which companies the rows of any table belong, found from the models: a new table is covered the day it is made."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model, Q, QuerySet

from accounts.models import Company, User

# Not about anybody in particular, or (the session) changed by every request of whoever asks.
WITHOUT_COMPANY = {
    "sessions.Session",
    "contenttypes.ContentType",
    "auth.Permission",
    "auth.Group",
    "auth.Group_permissions",
}
DEPTH = 1
Fingerprint = dict[str, Any]


def all_models() -> list[type[Model]]:
    """Every model with a table of its own, those between two others included."""
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.managed and model._meta.label not in WITHOUT_COMPANY]


@cache
def paths_to_company(model: type[Model], depth: int = DEPTH) -> tuple[str, ...]:
    """The look-ups that lead from a row to companies it has to do with, at most `depth` tables away."""
    if model is Company:
        return ("pk",)
    found = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target is Company:
            found.append(field.name)
        elif target is User:
            found.append(f"{field.name}__company")
        elif isinstance(target, type) and target is not model and depth:
            found += [f"{field.name}__{path}" for path in paths_to_company(target, depth - 1)]
    return tuple(found)


def rows_of(model: type[Model], companies: Iterable[Company]) -> QuerySet[Any]:
    """The rows that have to do with one of the companies."""
    wanted = Q(pk__in=[])
    for path in paths_to_company(model):
        wanted |= Q(**{f"{path}__in": [company.pk for company in companies]})
    return model._base_manager.filter(wanted).order_by("pk")


class Watch:
    """Tells whether chosen rows of many tables are as they were, with one query."""

    def __init__(self, chosen: Iterable[QuerySet[Any]]) -> None:
        self._parts: list[tuple[str, str, tuple[Any, ...]]] = []
        # Numbered, because a table may be watched twice and the database may answer in any order.
        for number, rows in enumerate(chosen):
            sql, values = rows.order_by().values("pk").query.sql_with_params()
            table, key = rows.model._meta.db_table, rows.model._meta.pk.column
            part = (
                f"SELECT '{number} {table}', md5(string_agg(t::text, '|' ORDER BY t.{key})) "
                f"FROM {table} t WHERE {key} IN ({sql})"
            )
            self._parts.append((table, part, values))
        self.before = self._now({table for table, _part, _values in self._parts})

    def changed(self, written: Collection[str]) -> set[str]:
        """Those of the written tables in which something is not as it was."""
        return {name.split()[1] for name, print_ in self._now(written).items() if print_ != self.before[name]}

    def _now(self, tables: Collection[str]) -> Fingerprint:
        """A fingerprint of each choice of rows in these tables."""
        parts = [(part, values) for table, part, values in self._parts if table in tables]
        if not parts:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(part for part, _values in parts), [one for _part, values in parts for one in values]
            )
            return dict(cursor.fetchall())
