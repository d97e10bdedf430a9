"""The database's own check, asked for early: who passes holds the locks that a close must wait for."""

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from worksbridge.errors import Refused

SQLSTATE = "WB001"


def require_open(one: int, other: int) -> None:
    """Lock the link between two members' companies and both availabilities until the transaction ends.

    Raises Refused unless the link is open and both are granted. The same SQL function that the triggers call.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT federation_require(%s, %s)", [min(one, other), max(one, other)])
    except DatabaseError as error:
        raise refusal(error) from error


def refusal(error: DatabaseError) -> Exception:
    """What to raise for a database error: Refused when a consent trigger spoke, else the error itself."""
    if getattr(error.__cause__, "sqlstate", None) == SQLSTATE:
        return Refused(_("The external connection has just ended."), code="not_allowed")
    return error
