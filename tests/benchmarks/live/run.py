"""The live work against both systems in turn, each with its services on one core and the clients on the other."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.live import works
from tests.benchmarks.live.systems import Person, Process, System, TutorialChat, WorksBridge, database, told
from tests.benchmarks.live.works import Figures, Size
from tests.template import migrated_template

PREPARE = {"WorksBridge": "tests.benchmarks.live.prepare", "tutorial chat": "tests.benchmarks.tutorial_chat.people"}
APPLICATIONS = {
    "WorksBridge": "worksbridge.asgi:application",
    "tutorial chat": "tests.benchmarks.tutorial_chat.asgi:application",
}
# Both are let do as much as they can, in one heap as in deploy/systemd.
ENVIRONMENT = {
    "LIVE_RATE_FACTOR": "10000",
    "LOG_LEVEL": "WARNING",
    "SECRET_KEY": "only-for-measuring" * 3,
    "MALLOC_ARENA_MAX": "1",
}


@contextlib.contextmanager
def running(
    name: str, url: str, folder: Path, core: int | None, processes: int = 1
) -> Iterator[tuple[System, Process]]:
    """A fresh system with its people; `url` is the database server's address. Only WorksBridge has more processes."""
    template = migrated_template(url) if name == "WorksBridge" else "template1"
    with database(url, "bench_" + name.split(maxsplit=1)[0].lower(), template) as own:
        environment = {**ENVIRONMENT, "DATABASE_URL": own}
        if name != "WorksBridge":
            environment["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.tutorial_chat.settings"
        made = told(PREPARE[name], ["100"], environment)
        log = folder / f"{name.split(maxsplit=1)[0]}.log"
        started = [Process(APPLICATIONS[name], log, core, environment) for _ in range(processes)]
        process = started[0]
        try:
            for one in started:
                one.wait()
            people = [Person(**person) for person in made["people"]]
            if name == "WorksBridge":
                more = tuple(one.host for one in started[1:])
                yield WorksBridge(process.host, own, people, made["rooms"], more_hosts=more), process
            else:
                yield TutorialChat(process.host, own, people), process
        finally:
            for one in started:
                one.stop()


def work(name: str, url: str, folder: Path, core: int | None, size: Size, only: set[str]) -> dict[str, Figures]:
    """All five kinds of work against one system, each in a fresh one's fresh process."""
    found = {}
    with running(name, url, folder, core) as (system, process):
        kinds = {
            "W4": lambda: works.idle(system, size, process.memory),
            "W1": lambda: works.room_of_100(system, size),
            "W2": lambda: works.most_in_a_room(system, size),
            "W3": lambda: works.most_in_pairs(system, size),
            "W5": lambda: works.missed(system, size),
        }
        for kind, run in kinds.items():
            if not only or kind in only:
                started = time.monotonic()
                found[kind] = asyncio.run(run())
                print(f"  {name} {kind}: {_short(found[kind])} ({time.monotonic() - started:.0f} s)", flush=True)
    return found


def _short(figures: Figures) -> str:
    values = ", ".join(f"{name} {value:.1f}" for name, value in figures.values.items())
    return f"{values}; lost {figures.lost}, doubled {figures.doubled}, out of order {figures.disordered}"
