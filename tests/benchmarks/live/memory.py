"""`python -m tests.benchmarks.live.memory`: fifty busy 1:1 rooms at a steady rate, and the web process's memory.

`BENCH_SECONDS` (3600) and `BENCH_RATE` (1000 messages a second) say how long and how much.
"""

import asyncio
import os
import statistics

from launcher.services import DATA, services
from tests.benchmarks.live.load import Talk
from tests.benchmarks.live.run import running
from tests.benchmarks.live.systems import PAIRS, Process, System

STRETCH = 10
MB = 1024 * 1024


async def _talk(system: System, process: Process, seconds: int, rate: float) -> None:
    talk = Talk(system)
    for number in range(PAIRS):
        await talk.join(system.room(number + 1), system.people[2 * number : 2 * number + 2])
    sizes, wrong, refused = [], 0, 0
    for number in range(seconds // STRETCH):
        result = await talk.load(rate, STRETCH)
        sizes.append(process.memory() / MB)
        wrong += result.lost + result.doubled + result.disordered
        refused += result.refused
        if number % 6 == 5:
            print(f"  {(number + 1) * STRETCH:>5} s: {sizes[-1]:.1f} MB, p99 {result.p99 * 1000:.0f} ms", flush=True)
    await talk.leave()
    # The first tenth fills caches and queues.
    steady = sizes[len(sizes) // 10 :]
    hours = len(steady) * STRETCH / 3600
    slope = statistics.linear_regression([n * STRETCH / 3600 for n in range(len(steady))], steady).slope
    print(
        f"{steady[0]:.1f} MB, {hours:.2f} hours later {steady[-1]:.1f} MB: {slope:+.1f} MB an hour;"
        f" lost, doubled or out of order: {wrong}; refused because too much waited: {refused}"
    )


def main() -> None:
    """One web process, all cores for everything."""
    folder = DATA / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    seconds, rate = int(os.environ.get("BENCH_SECONDS", "3600")), float(os.environ.get("BENCH_RATE", "1000"))
    with services(folder) as urls:
        os.environ |= urls
        with running("WorksBridge", urls["DATABASE_URL"], folder, None) as (system, process):
            asyncio.run(_talk(system, process, seconds, rate))


main()
