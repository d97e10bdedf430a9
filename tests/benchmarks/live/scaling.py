"""`python -m tests.benchmarks.live.scaling`: fifty busy 1:1 rooms on one web process and on two.

Rooms go to the processes by turns; Postgres, Valkey and this client share all cores with them.
"""

import asyncio
import os
import statistics

from launcher.services import DATA, services
from tests.benchmarks.live import works
from tests.benchmarks.live.run import running
from tests.benchmarks.live.works import FULL

ROUNDS = 3


def main() -> None:
    """By turns, and the medians."""
    folder = DATA / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    carried: dict[int, list[float]] = {1: [], 2: []}
    with services(folder) as urls:
        os.environ |= urls
        for _ in range(int(os.environ.get("BENCH_ROUNDS", ROUNDS))):
            for processes, found in carried.items():
                with running("WorksBridge", urls["DATABASE_URL"], folder, None, processes) as (system, _process):
                    figures = asyncio.run(works.most_in_pairs(system, FULL))
                found.append(figures.values["W3"])
                wrong = f"lost {figures.lost}, doubled {figures.doubled}, out of order {figures.disordered}"
                print(f"  {processes} web process(es): {found[-1]:,.0f} messages/s; {wrong}", flush=True)
    one, two = (statistics.median(found) for found in carried.values())
    print(f"two web processes carry {two / one:.2f} times what one carries")


main()
