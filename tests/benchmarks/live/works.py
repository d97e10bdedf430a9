"""The five kinds of work. Each takes a system and returns its figures; times in milliseconds, memory in KiB."""

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.live.connection import Connection, connect
from tests.benchmarks.live.load import Result, Talk
from tests.benchmarks.live.systems import PAIRS, SOCKETS, System, get

# A rate is carried when 99 of 100 deliveries take less than this, in seconds.
CARRIED = 1.0
TOGETHER = 32


@dataclass
class Figures:
    """What one kind of work showed: named figures, and whether every message arrived once and in order."""

    values: dict[str, float]
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    steps: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count what went wrong in a stretch of load."""
        self.lost += result.lost
        self.doubled += result.doubled
        self.disordered += result.disordered
        trouble = f", refused {result.refused}, cut {result.cut}" if result.refused or result.cut else ""
        self.steps.append(
            f"{result.rate:.0f}/s: p50 {result.p50 * 1000:.1f} ms, p99 {result.p99 * 1000:.0f} ms{trouble}"
        )


@dataclass(frozen=True)
class Size:
    """How long and how much: the full form, and a short one for tests."""

    seconds: float
    step_seconds: float
    connections: int
    missed: int
    fetches: int
    # The rates of the second and third kind of work in a short form; the full one climbs from the system's own.
    rates: tuple[float, float] | None = None
    # Seconds until a process has settled, before its memory is read.
    settling: float = 3


FULL = Size(seconds=20, step_seconds=4, connections=1000, missed=1000, fetches=9)
SHORT = Size(seconds=1, step_seconds=1, connections=60, missed=150, fetches=3, rates=(30, 300), settling=0.2)


async def room_of_100(system: System, size: Size) -> Figures:
    """W1: a room of 100, five messages a second."""
    talk = Talk(system)
    await talk.join(system.room(0), system.people)
    await talk.load(5, 2)
    result = await talk.load(5, size.seconds)
    await talk.leave()
    figures = Figures({"W1 p50": result.p50 * 1000, "W1 p99": result.p99 * 1000})
    figures.add(result)
    return figures


async def most_in_a_room(system: System, size: Size) -> Figures:
    """W2: the same room, as many messages a second as it carries."""
    talk = Talk(system)
    await talk.join(system.room(0), system.people)
    return await _most("W2", talk, (size.rates or system.first_rates)[0], size)


async def most_in_pairs(system: System, size: Size) -> Figures:
    """W3: fifty busy 1:1 rooms, as many messages a second as they carry."""
    talk = Talk(system)
    for number in range(PAIRS):
        await talk.join(system.room(number + 1), system.people[2 * number : 2 * number + 2])
    return await _most("W3", talk, (size.rates or system.first_rates)[1], size)


async def _most(name: str, talk: Talk, start: float, size: Size) -> Figures:
    """Climb until a rate is not carried, then halve the distance to the last one that was, twice."""
    figures = Figures({name: 0})
    await talk.load(start / 2, 1)
    rate, factor = start, 1.6
    while factor > 1.05:
        result = await talk.load(rate, size.step_seconds)
        figures.add(result)
        carried = result.p99 < CARRIED and result.is_right
        if carried:
            figures.values[name] = rate
        elif factor == 1.6:
            rate /= 1.6
        if size.rates:
            break
        if not carried or factor < 1.6:
            rate, factor = (figures.values[name] or rate), factor**0.5
        rate *= factor
    await talk.leave()
    return figures


async def idle(system: System, size: Size, memory: Callable[[], int]) -> Figures:
    """W4: open many connections at once, then see what each costs while nothing happens."""
    loop = asyncio.get_running_loop()
    wanted = [system.people[number % len(system.people)] for number in range(size.connections)]
    assert size.connections <= SOCKETS * len(system.people)
    queue = iter(wanted)
    connections: list[Connection] = []

    async def open_some() -> None:
        for person in queue:
            connection = await connect(system.host, system.path(system.room(0)), person.session, lambda *_: None)
            connections.append(connection)

    # Whatever the first connections bring in stays, and is no connection's.
    warm = [await connect(system.host, system.path(system.room(0)), p.session, lambda *_: None) for p in wanted[:50]]
    for connection in warm:
        connection.transport.close()
    await asyncio.gather(*(connection.closed for connection in warm))
    await asyncio.sleep(size.settling)
    before = memory()
    started = loop.time()
    await asyncio.gather(*(open_some() for _ in range(TOGETHER)))
    took = loop.time() - started
    await asyncio.sleep(size.settling)
    each = (memory() - before) / len(connections) / 1024
    for connection in connections:
        connection.transport.close()
    await asyncio.gather(*(connection.closed for connection in connections))
    return Figures({"W4 KiB": each, "W4 accepted/s": len(connections) / took})


async def missed(system: System, size: Size) -> Figures:
    """W5: fetch the messages that a page missed."""
    room = system.room(0)
    talk = Talk(system)
    await talk.join(room, system.people[:2])
    while len(system.stored(room, size.missed)) < size.missed:
        await talk.load(100, min(4, size.missed / 100))
    await talk.leave()
    times = []
    for _ in range(size.fetches):
        took, body = await get(system.host, system.missed(room, size.missed), system.people[0].session)
        assert body.count(b'"key"') == size.missed or body.count(b"data-client=") == size.missed, body[:200]
        times.append(took * 1000)
    return Figures({"W5": statistics.median(times)})
