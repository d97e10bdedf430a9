"""Whole numbers that come from outside."""

from worksbridge.errors import BadRequest

# Every number of so many digits fits into a database's bigint.
DIGITS = 18


def whole_number(text: str, name: str) -> int:
    """The whole number written in `text`. Raises BadRequest naming the field when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise BadRequest(f"“{name}” must be a whole number.")
    return int(text)
