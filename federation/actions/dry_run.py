"""Doing a change as if, to say what it would end: the figures come from the code that does it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from federation.impact import Impact, read_impact, together
from federation.models import Closing
from worksbridge.transactions import retried

_noted: ContextVar[list[Closing] | None] = ContextVar("closings", default=None)


class _DryRun(Exception):
    """Nothing went wrong: it takes the way of an exception to roll back."""


def note(closing: Closing) -> None:
    """Tell a dry run that goes on what has been ended."""
    noted = _noted.get()
    if noted is not None:
        noted.append(closing)


def do_if_shown(
    act: Callable[[], object], shown: str, *, ask_always: bool = False, about: str = ""
) -> tuple[bool, Impact]:
    """Do `act` when it ends nothing, or just what a person was shown (its `fingerprint`) and agreed to.

    `ask_always` asks even when nothing ends. `about` identifies the targets, which are part of what was confirmed.
    Otherwise nothing is done. Returns whether it was, and what it ends now. Raises what `act` raises.
    """
    with _noting() as closings:
        done = False
        with suppress(_DryRun):
            _act_if(act, closings, lambda impact: fingerprint(impact, about) == shown or not (impact or ask_always))
            done = True
    return done, _all_of(closings)


def fingerprint(impact: Impact, about: str = "") -> str:
    """A short text that is another one as soon as anything else would end, or it is done to anybody else."""
    stored = json.dumps([impact.stored(), about], sort_keys=True)
    return hashlib.sha256(stored.encode()).hexdigest()[:32]


@contextmanager
def _noting() -> Iterator[list[Closing]]:
    closings: list[Closing] = []
    token = _noted.set(closings)
    try:
        yield closings
    finally:
        _noted.reset(token)


def _all_of(closings: list[Closing]) -> Impact:
    return together(read_impact(closing.ended) for closing in closings)


@retried
def _act_if(act: Callable[[], object], closings: list[Closing], agreed: Callable[[Impact], bool]) -> None:
    # An attempt that PostgreSQL ended may have noted something already.
    closings.clear()
    act()
    if not agreed(_all_of(closings)):
        raise _DryRun
