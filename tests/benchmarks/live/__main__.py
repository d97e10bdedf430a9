"""`python -m tests.benchmarks.live`: the five kinds of work against WorksBridge and the tutorial's chat, in turns.

`BENCH_ROUNDS` (3), `BENCH_ONLY` ("W1 W3"), `BENCH_SYSTEMS` ("WorksBridge") narrow it down. Fails when WorksBridge lost,
doubled or delivered out of order anything; what comes later than the clients' patience counts as lost.
"""

import os
import sys

from launcher.services import DATA, services
from tests.benchmarks.live.report import Rounds, is_right, keep, table
from tests.benchmarks.live.run import PREPARE, work
from tests.benchmarks.live.works import FULL

SERVER, CLIENT = 0, 1


def main() -> int:
    """Services on one core, the clients on the other. Returns the exit code."""
    cores = len(os.sched_getaffinity(0))
    if cores > 1:
        os.sched_setaffinity(0, {SERVER})
    folder = DATA / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    only = set(os.environ.get("BENCH_ONLY", "").split())
    systems = os.environ.get("BENCH_SYSTEMS", ",".join(PREPARE)).split(",")
    rounds: Rounds = {name: [] for name in systems}
    with services(folder) as urls:
        os.environ |= urls
        if cores > 1:
            os.sched_setaffinity(0, {CLIENT})
        for round_ in range(int(os.environ.get("BENCH_ROUNDS", "3"))):
            for name in systems:
                print(f"round {round_ + 1}, {name}", flush=True)
                core = SERVER if cores > 1 else None
                rounds[name].append(work(name, urls["DATABASE_URL"], folder, core, FULL, only))
                keep(rounds, folder / "live.json")
    print(f"\n{table(rounds)}\n\nAll figures: {folder / 'live.json'}")
    return 0 if is_right(rounds.get("WorksBridge", [])) else 1


sys.exit(main())
