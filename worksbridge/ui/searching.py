"""What people type into search fields."""

from worksbridge.characters import one_line

MAX_LENGTH = 100


def searched(text: str) -> str:
    """The text to look for, written as names are stored: composed, without invisible characters, not too long."""
    return one_line(text)[:MAX_LENGTH]
