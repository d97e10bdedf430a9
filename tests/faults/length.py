"""How long faults, storms and searches for a fault last: short for `make test`, long with FAULTS=long."""

import os
from typing import TypeVar

T = TypeVar("T")
LONG = os.environ.get("FAULTS") == "long"


def short_or_long(short: T, long: T) -> T:
    """The value for this run."""
    return long if LONG else short
