"""Whole numbers that come from outside."""

from worksbridge.errors import WorksBridgeError

# Every number of so many digits fits into a database's bigint.
DIGITS = 18


def whole_number(text: str, name: str) -> int:
    """The whole number written in `text`. Raises WorksBridgeError naming the field when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise WorksBridgeError(f"“{name}” must be a whole number.", code="bad_number")
    return int(text)
