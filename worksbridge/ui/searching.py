"""What people type into search fields."""

LONGEST = 100


def searched(text: str) -> str:
    """The text to look for: not too long, without the character that PostgreSQL cannot store."""
    return text.replace("\0", "")[:LONGEST].strip()
