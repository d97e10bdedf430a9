"""What people type into search fields."""

MAX_LENGTH = 100


def searched(text: str) -> str:
    """The text to look for: not too long, without the character that PostgreSQL cannot store."""
    return text.replace("\0", "")[:MAX_LENGTH].strip()
