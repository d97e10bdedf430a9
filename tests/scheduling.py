"""Which test process begins which test, and when.

A third of the time of all tests is waiting: for time to pass, for other processes, for networks. So there are three
processes for each two cores, and every third of them takes what waits, as long as there is any, while the others
compute. What takes long begins first, so that no process is left alone with it at the end.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# What waits most of the time, what takes longest first.
WAITING = ("tests/faults/", "tests/benchmarks/test_short.py", "tests/live/", "tests/launcher/")
# What computes and begins first, before all else.
LONG = ("media", "tests/browser/", "admin matrix")
EACH = 3
# One process for each of these: its tests share coturn, Janus and the numbers of the calls there, or a world that is
# made once.
TOGETHER = {
    "media": (
        "tests/browser/test_call_paths.py",
        "tests/browser/test_group_calls.py",
        "tests/calls/test_deployed_janus.py",
        "tests/calls/test_janus.py",
        "tests/calls/test_turn.py",
        "tests/launcher/test_media_servers.py",
    ),
    "admin matrix": ("tests/accounts/admin_matrix/",),
}


class Scheduling(LoadScopeScheduling):
    """Hands out the tests one by one in their order, and those of TOGETHER as one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = self.nodes.index(node) % EACH == EACH - 1
        found = next((scope for scope in self.workqueue if scope.startswith(WAITING) == waits), None)
        if found is not None:
            self.workqueue.move_to_end(found, last=False)
        super()._assign_work_unit(node)


def scope_of(nodeid: str) -> str:
    """The name in TOGETHER, or a test's own."""
    return next((name for name, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)


def check(items: Sequence[pytest.Item]) -> None:
    """Raise UsageError for a test that shares the media servers and would run beside others that do."""
    for item in items:
        if item.get_closest_marker("media") and not item.nodeid.startswith(TOGETHER["media"]):
            raise pytest.UsageError(f"{item.nodeid} is marked `media`: add its file to TOGETHER in {__file__}.")


def order(items: list[pytest.Item]) -> None:
    """Sort by what takes long; this leaves TOGETHER what belongs together."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(scope_of(item.nodeid), []).append(item)
    items[:] = [item for scope in sorted(groups, key=_rank) for item in groups[scope]]


def _rank(scope: str) -> int:
    ranks = (*LONG, *WAITING)
    return next((number for number, start in enumerate(ranks) if scope.startswith(start)), len(ranks))
