"""The database's own check, asked for early: who passes holds the locks that a close must wait for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from worksbridge.errors import Code, Refused

SQLSTATE = "WB001"


def require_open(one: int, other: int) -> None:
    """Lock the link between two members' companies and both availabilities until the transaction ends.

    Raises Refused unless the link is open and both are granted. The same SQL function that the triggers call.
    """
    _require("SELECT federation_require(%s, %s)", [min(one, other), max(one, other)])


def require_all_open(members: Iterable[int]) -> None:
    """The same for any number of members: the links between all their companies, and all availabilities.

    Members of one company need nothing. Raises Refused.
    """
    _require("SELECT federation_require_all(%s)", [sorted(members)])


def _require(sql: str, values: list[Any]) -> None:
    with refusing(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def refusing() -> Iterator[None]:
    """Raises Refused in place of the database's error when a consent trigger spoke."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != SQLSTATE:
            raise
        raise Refused(_("External connection has just ended."), code=Code.NOT_ALLOWED) from error
