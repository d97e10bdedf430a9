"""Fields and lookups for the search index in PostgreSQL."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, F, Func, Lookup, TextField, Value
from django.db.models.sql.compiler import SQLCompiler


@SearchVectorField.register_lookup
class Matches(Lookup):
    """`words__matches="'서울' & 'quart':*"`: a tsquery as it is, without a dictionary's ideas about it."""

    lookup_name = "matches"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """The query as text."""
        return "%s", [value]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """The operator that GIN knows."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", [*left_params, *right_params]


class Normal(Func):
    """Text as `words.normalise` makes it for scripts without case: half-width kana and old forms become usual ones."""

    template = "normalize(%(expressions)s, NFKC)"
    output_field = TextField()


class Among(Func):
    """The number that belongs to a row's `field` in a table that is part of the query."""

    template = "(%(expressions)s]"
    arg_joiner = ")["
    output_field = BigIntegerField()

    def __init__(self, field: str, table: dict[int, int]) -> None:
        place = Func(_numbers(list(table)), F(field), function="array_position")
        super().__init__(_numbers(list(table.values())), place)


def _numbers(numbers: list[int]) -> Value:
    return Value(numbers, ArrayField(BigIntegerField()))
