"""The order in which tests begin, and which of them stay in one process.

Half of the tests wait most of the time, the others compute. So more of them run at once than there are cores, and the
order mixes the two: where some wait, others compute. What takes long begins first, so that no process is left alone
with it at the end.
"""

from collections.abc import Iterator, Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

# About how many seconds a test takes, by its mark or else by its folder. The first that fits counts; what is about
# right is enough.
SECONDS = {"faults": 20.0, "long": 15.0, "media": 2.0, "browser": 7.0, "tests/live/": 2.0, "tests/local/": 1.0}
OTHERWISE = 0.5
# What waits for time to pass, for other processes and for networks.
WAITING = ("faults", "long", "tests/live/", "tests/local/")
# One process for each of these: its tests share coturn, Janus and the numbers of the calls there, or a world that is
# made once.
TOGETHER = {
    "media": (
        "tests/browser/test_call_paths.py",
        "tests/browser/test_group_calls.py",
        "tests/calls/test_deployed_janus.py",
        "tests/calls/test_janus.py",
        "tests/calls/test_turn.py",
        "tests/local/test_media_servers.py",
    ),
    "admin matrix": ("tests/accounts/admin_matrix/",),
}


class Scheduling(LoadScopeScheduling):
    """Hands out the tests one by one in their order, and those of TOGETHER as one."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def check(items: Sequence[pytest.Item]) -> None:
    """Raise UsageError for a test that shares the media servers and would run beside others that do."""
    for item in items:
        if item.get_closest_marker("media") and not item.nodeid.startswith(TOGETHER["media"]):
            raise pytest.UsageError(f"{item.nodeid} is marked `media`: add its file to TOGETHER in {__file__}.")


def order(items: list[pytest.Item]) -> None:
    """Sort by what takes long, mix what waits with what computes, and leave TOGETHER what belongs together."""
    ranks = list(SECONDS)
    by_length = sorted(items, key=lambda item: ranks.index(kind) if (kind := _kind(item)) else len(ranks))
    waiting = [item for item in by_length if _kind(item) in WAITING]
    computing = [item for item in by_length if _kind(item) not in WAITING]
    groups: dict[str, list[pytest.Item]] = {}
    for _share, item in sorted([*_shares(waiting), *_shares(computing)], key=lambda pair: pair[0]):
        groups.setdefault(_group(item.nodeid), []).append(item)
    items[:] = [item for group in groups.values() for item in group]


def _group(nodeid: str) -> str:
    """The name in TOGETHER, or a test's own."""
    return next((name for name, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)


def _shares(items: Sequence[pytest.Item]) -> Iterator[tuple[float, pytest.Item]]:
    """Each with the part of the time of all of them that has passed when it begins."""
    seconds = [SECONDS.get(_kind(item), OTHERWISE) for item in items]
    passed, whole = 0.0, sum(seconds)
    for item, took in zip(items, seconds, strict=True):
        yield passed / whole, item
        passed += took


def _kind(item: pytest.Item) -> str:
    """The first of SECONDS that it is."""
    return next((name for name in SECONDS if item.get_closest_marker(name) or item.nodeid.startswith(name)), "")
