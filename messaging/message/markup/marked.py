"""Whether a text could have marks or addresses at all: most messages have none, and are spared the looking."""

import re

_SIGNS = re.compile(r"[*_`>@]|://|www\.", re.IGNORECASE)


def may_have_marks(text: str) -> bool:
    """False when nothing in the text could be a mark or an address."""
    return _SIGNS.search(text) is not None
