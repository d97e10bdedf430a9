"""Threads that work at the same time, with real connections, and what came of it."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import DatabaseError, connection, connections

Work = Callable[[], None]
DEADLOCK = "40P01"


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; nothing when it was not the database."""
    return getattr(error.__cause__, "sqlstate", None) or ""


class Storm:
    """What all storms have: how often what was done, what failed, and who met in a circle."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []
        # Deadlocks that PostgreSQL broke up by ending one of these, also when an action then tried again.
        self.deadlocks: Counter[str] = Counter()
        # A slow machine goes on for longer, until what the storm is for has happened.
        self.enough: Callable[[], bool] = lambda: True
        self._lock = threading.Lock()
        # What each thread is about to do, for the deadlocks.
        self._doing = threading.local()

    def count(self, name: str, number: int = 1) -> None:
        with self._lock:
            self.outcomes[name] += number

    def _work(self, work: Work, more: Callable[[], bool]) -> None:
        """A thread of its own: the work again and again, as long as there is more."""
        try:
            with connection.execute_wrapper(self._count_deadlocks):
                while more():
                    work()
        except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
            self.failures.append(f"thread ended: {error!r}")
        finally:
            connections.close_all()

    def _count_deadlocks(self, execute: Callable[..., object], *query: object) -> object:
        try:
            return execute(*query)
        except DatabaseError as error:
            if sqlstate(error) == DEADLOCK:
                with self._lock:
                    self.deadlocks[getattr(self._doing, "name", "looking")] += 1
            raise


class TriedStorm(Storm):
    """Goes on until the tries are used up."""

    def __init__(self, tries: int, patience: int) -> None:
        """So many tries at least; up to `patience` times as many more until there was enough."""
        super().__init__()
        self._tries, self._more = iter(range(tries)), iter(range(tries * patience))
        self._over = threading.Event()

    def run(self, tried: Sequence[Work], beside: Sequence[Work]) -> None:
        """`tried` use up the tries, `beside` go on until there are none left."""
        first = [threading.Thread(target=self._work, args=(work, self._take)) for work in tried]
        rest = [threading.Thread(target=self._work, args=(work, lambda: not self._over.is_set())) for work in beside]
        for thread in (*first, *rest):
            thread.start()
        for thread in first:
            thread.join()
        self._over.set()
        for thread in rest:
            thread.join()

    def _take(self) -> bool:
        with self._lock:
            if self.failures:
                return False
            return next(self._tries, None) is not None or (not self.enough() and next(self._more, None) is not None)
