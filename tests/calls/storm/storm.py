"""Threads that call while rights end: how long, what each tries, and what is seen from outside."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import DatabaseError

from tests.calls.storm.snapshot import snapshot, wrong_in
from tests.depth import depth
from tests.storms import DEADLOCK, Storm, Work, sqlstate
from worksbridge.errors import WorksBridgeError

# A slow machine works up to so many times as long.
PATIENCE = depth(test=30, soak=3)
GUARDS = {"WB001", "WB002", "WB003", "23505", DEADLOCK}


class CallStorm(Storm):
    """Works until the time is used up."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        # What SQL by hand may do: how many are too many for their browsers, the database does not know.
        self.expected: set[str] = set()
        self.slowest = 0.0
        self.mixed = 0
        self._seconds = seconds

    def run(self, works: Sequence[Work]) -> None:
        """All of these at once, again and again."""
        now = time.monotonic()
        until, latest = now + self._seconds, now + self._seconds * PATIENCE

        def more() -> bool:
            return not self.failures and ((now := time.monotonic()) < until or (now < latest and not self.enough()))

        threads = [threading.Thread(target=self._work, args=(work, more)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def act(self, name: str, work: Callable[[], Any]) -> Any:
        """One try through the product's own action: done, or refused with a reason; anything else is a failure."""
        self._doing.name, started = name, time.monotonic()
        try:
            found = work()
        except WorksBridgeError as error:
            self.count(f"{name}: {error.code}")
            return None
        except Exception as error:  # noqa: BLE001  (reported with what was tried)
            self.failures.append(f"{name}: {error!r} {error.__cause__!r}")
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - started)
        self.count(name)
        return found

    def by_hand(self, name: str, work: Work) -> None:
        """One try by SQL that asks nobody: done, or stopped by the database's own guards."""
        self._doing.name = name
        try:
            work()
            self.count(name)
        except DatabaseError as error:
            self.count(f"{name}: stopped")
            if sqlstate(error) not in GUARDS:
                self.failures.append(f"{name}: {error!r}")

    def watch(self) -> None:
        """Look at it from outside, again and again."""
        seen = snapshot()
        self.mixed += bool(seen["mixed_calls"])
        if wrong := wrong_in(seen) - self.expected:
            self.failures.append(f"seen: { ({name: seen[name] for name in wrong}) }")
        self.count("snapshots")
        time.sleep(0.04)
