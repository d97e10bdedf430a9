"""`refused`: someone attempted what the companies' consent does not allow, sent outside of any transaction.

Arguments: `member_id`, `error` (the WorksBridgeError that they were answered with) and `path` (where they asked).
"""

from django.dispatch import Signal

from worksbridge.errors import Code, WorksBridgeError

# Codes of errors that say: the companies, or one of them, have not agreed to this.
CODES = {Code.NOT_ALLOWED, Code.NOT_ADMITTED}

refused = Signal()


def concerns_consent(error: WorksBridgeError) -> bool:
    """Whether this error says that the companies' consent is missing."""
    return error.code in CODES


def tell_refused(member_id: int | None, error: WorksBridgeError, path: str) -> None:
    """Send `refused` when a signed-in member was refused for lack of consent; ignore other errors.

    Whatever goes wrong in writing it down, the person gets their answer.
    """
    if member_id is not None and concerns_consent(error):
        refused.send_robust(sender=type(error), member_id=member_id, error=error, path=path)
