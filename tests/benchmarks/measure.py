"""How long a piece of work takes, and how many queries: medians of three rounds."""

import statistics
import time
from collections.abc import Callable

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

ROUNDS = 3


def measure(name: str, work: Callable[[], object], units: int = 1) -> float:
    """Print the median time and the queries of `work`; return the milliseconds for each of its `units`."""
    times = []
    for _ in range(ROUNDS):
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            work()
            times.append((time.perf_counter() - started) * 1000)
    median = statistics.median(times)
    print(f"{name:<58} {median:9.1f} ms {median / units:9.3f} ms each {len(queries):6} queries")
    return median / units


def measure_prepared(name: str, prepare: Callable[[], object], work: Callable[[], object]) -> float:
    """The same for work that uses something up: `prepare` runs before each round and is not counted."""
    times = []
    for _ in range(ROUNDS):
        prepare()
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            work()
            times.append((time.perf_counter() - started) * 1000)
    median = statistics.median(times)
    print(f"{name:<58} {median:9.1f} ms {'':17} {len(queries):6} queries")
    return median
