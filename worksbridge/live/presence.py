"""Who has a page open, in whatever process: a mark in the cache that each process renews for its own sockets.

A mark expires unless it is renewed, so a dead process leaves no one online for long.
"""

from collections.abc import Iterable

from django.core.cache import cache

# How often a process renews its marks, and how long a mark lasts, in seconds.
RENEW = 10
LASTS = 25


def mark_online(member_ids: Iterable[int]) -> None:
    """These members have a page open now. One round trip."""
    cache.set_many({_key(member): 1 for member in member_ids}, timeout=LASTS)


def online(member_ids: Iterable[int]) -> set[int]:
    """Which of these members have had a page open within the last half minute; no one without Valkey."""
    keys = {_key(member): member for member in member_ids}
    try:
        found = cache.get_many(keys)
    except Exception:  # presence is a hint: an unreachable Valkey must not break the page
        return set()
    return {keys[key] for key in found}


def _key(member_id: int) -> str:
    return f"online:{member_id}"
