"""How far a test goes: `make test` until it has met what the test is for, `make soak` for an hour and more."""

import os
import random
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
SOAK = os.environ.get("SOAK") == "1"
# What chance decides follows from it, as far as threads allow. Set SEED to a number that was printed to try it again.
SEED = os.environ.setdefault("SEED", str(random.SystemRandom().randrange(10**6)))


def depth(*, test: T, soak: T) -> T:
    """The value for this run."""
    return soak if SOAK else test


def in_turn(items: Iterable[T], turn: int, *, of: int) -> list[T]:
    """Every `of`-th of them, one at least, beginning at another one with each turn, so that all have theirs.

    All of them in a soak.
    """
    found = list(items)
    return found if SOAK or not found else found[turn % min(of, len(found)) :: of]


def told() -> str:
    """What the head of a run says of it."""
    return f"{'soak' if SOAK else 'test'}, SEED={SEED}"
