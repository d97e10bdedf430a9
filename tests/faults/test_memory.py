"""Fifty busy 1:1 rooms: the memory of the web process stays flat."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from tests.benchmarks.live.load import Talk
from tests.benchmarks.live.systems import Person, WorksBridge
from tests.cast import Cast
from tests.depth import SOAK, depth
from tests.faults.conftest import Start
from tests.faults.figures import Record
from tests.faults.rss import MB, written
from tests.faults.store import Store
from tests.faults.world import World, make_pairs
from tests.live.web import WebProcess, database_url_of_the_test

pytestmark = [pytest.mark.faults, pytest.mark.timeout(9000 if SOAK else 600), pytest.mark.django_db(transaction=True)]
PAIRS = 50
PER_SECOND = 1000
# Messages in a round: ten or twenty in each of the rooms, all acknowledged and shown before the memory is read.
ROUND = depth(test=500, soak=1000)
# The first rounds come in one go: more waits then than later on a machine that is slow or busy, and it has the memory.
AT_ONCE = 100_000
WARM_UP = depth(test=2, soak=60)
MEASURED = depth(test=6, soak=1800)
# So many more rounds are given to a process that was still growing, on a busy machine for instance.
MORE = depth(test=12, soak=200)
# Bytes. The short form finds a message that is kept, the long one a few numbers for each.
MOST_FOR_EACH_MESSAGE = depth(test=250, soak=5)
# As deploy/systemd: one heap. The C library reads that when a program starts, so this one is not forked, and a path of
# its own is what makes it so.
ONE_HEAP = {"MALLOC_ARENA_MAX": "1", "PYTHONPATH": ""}


def test_i28_the_memory_of_the_web_process_is_flat_under_load(launch: Start, cast: Cast, figure: Record) -> None:
    web = launch(**ONE_HEAP)
    world = make_pairs(cast, PAIRS)
    web.wait()
    sizes = asyncio.run(_scenario(web, world))
    figure("MB written to", sizes[-1] / MB)
    figure("bytes more for each message", _growth(sizes))
    assert _growth(sizes) < MOST_FOR_EACH_MESSAGE


async def _scenario(web: WebProcess, world: World) -> list[int]:
    """The sizes of the process after each round."""
    talk = await _talk(web, world)
    for _ in range(WARM_UP):
        await _say(talk, AT_ONCE)
    sizes = []
    while len(sizes) < MEASURED or (_growth(sizes) >= MOST_FOR_EACH_MESSAGE and len(sizes) < MEASURED + MORE):
        await _say(talk, PER_SECOND)
        sizes.append(written(web.pid))
    await talk.leave()
    heads = await Store().heads()
    assert sum(heads.values()) == (WARM_UP + len(sizes)) * ROUND, "more is stored than was written"
    return sizes


async def _talk(web: WebProcess, world: World) -> Talk:
    inside: dict[int, list[Person]] = {}
    for person, rooms in world.rooms_of.items():
        for room in rooms:
            inside.setdefault(room, []).append(Person(person.pk, world.sessions[person]))
    everyone = [person for people in inside.values() for person in people]
    talk = Talk(WorksBridge(urlsplit(web.origin).netloc, database_url_of_the_test(), everyone, list(inside)))
    for room, people in inside.items():
        await talk.join(room, people)
    return talk


async def _say(talk: Talk, per_second: float) -> None:
    """One round: acknowledged = stored = shown, in order, once."""
    result = await talk.load(per_second, ROUND / per_second)
    assert result.is_right, result
    assert result.sent == ROUND
    assert not result.refused
    assert not result.cut


def _growth(sizes: Sequence[int]) -> float:
    """The bytes more for each message, from the highest of the middle third of the rounds to the highest of the last.

    What is kept raises every round; what comes and goes with the load raises one of them.
    """
    third = len(sizes) // 3
    return (max(sizes[-third:]) - max(sizes[third:-third])) / (third * ROUND)
