"""How a web process goes: it finishes what it has taken, sends its pages elsewhere, and is gone in time."""

import asyncio
import contextlib
import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import websockets
from django.db import connection, transaction
from django.db.models import QuerySet

from launcher.local_server import listens
from messaging.actions.rooms import open_direct_room
from messaging.models import Membership, Message, Room
from tests.cast import Cast
from tests.live.test_socket import PATIENCE, connect, run, session_of, until
from tests.live.web import WebProcess
from tests.locks import somebody_waits
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
SENDS = 500
PAGES = 10
RESTART = 1012
# A process ends itself after 9.5 s; that this is noticed takes a busy machine a moment. In seconds.
GONE = 15


def frame(room: Room) -> dict[str, Any]:
    return {"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "안녕하세요"}


async def exits(web: WebProcess, since: float) -> float:
    """How long the process took to end; it ended well."""
    process = web._process
    assert process is not None
    assert await asyncio.to_thread(process.wait, 30) == 0
    return time.monotonic() - since


async def hear(socket: Any, acknowledged: set[str]) -> tuple[int | None, list[int]]:
    """Read until the end: what was acknowledged, the close code, and when to come back."""
    after = []
    try:
        async for text in socket:
            answer = json.loads(text)
            if answer["type"] == "ack":
                acknowledged.add(answer["client_id"])
            elif answer["type"] == "bye":
                after.append(answer["after"])
    except websockets.ConnectionClosed:
        pass
    return socket.close_code, after


async def all_read(socket: Any) -> None:
    """Wait until the server has read what was sent: a heartbeat that comes after it is answered."""
    await socket.send('{"type":"heartbeat","rooms":[]}')
    await until(socket, "heads")


async def until_so(work: Callable[[], bool]) -> None:
    """Wait until `work`, done in a thread, says so."""
    async with asyncio.timeout(PATIENCE):
        while not await in_thread(work):  # noqa: ASYNC110  (another process has no event of this loop)
            await asyncio.sleep(0.02)


def held(room: Room) -> contextlib.AbstractContextManager[threading.Event]:
    """Block writes to the room until the event is set."""
    return held_rows(Room.objects.filter(pk=room.pk))


@contextlib.contextmanager
def held_rows(rows: QuerySet[Any]) -> Iterator[threading.Event]:
    """Block changes of these rows until the event is set."""
    release, locked = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(rows.select_for_update())
            locked.set()
            release.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(5)
    try:
        yield release
    finally:
        release.set()
        thread.join()


@pytest.fixture
def quick(web: WebProcess) -> WebProcess:
    """The web process, without limits on how fast pages send."""
    web.stop()
    web._environment["LIVE_RATE_FACTOR"] = "1000"
    web.start()
    return web


def test_i17_i18_i41_what_was_sent_when_the_signal_came_is_acknowledged_or_sent_again_once(
    cast: Cast, quick: WebProcess
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)
    sent = [[frame(room) for _ in range(SENDS // PAGES)] for _ in range(PAGES)]
    acknowledged: set[str] = set()

    async def scenario() -> None:
        sockets = [await connect(quick, kim) for _ in range(PAGES)]
        assert quick._process is not None
        with held(room) as release:
            for number in range(SENDS // PAGES):
                for socket, frames in zip(sockets, sent, strict=True):
                    await socket.send(json.dumps(frames[number]))
            await asyncio.gather(*(all_read(socket) for socket in sockets))
            started = time.monotonic()
            quick._process.send_signal(signal.SIGTERM)
            release.set()
        ends = await asyncio.gather(*(hear(socket, acknowledged) for socket in sockets))
        took = await exits(quick, started)
        print(f"{len(acknowledged)} of {SENDS} acknowledged before the end, gone after {took:.2f} s")
        assert took < GONE
        assert {code for code, _after in ends} == {RESTART}
        assert all(len(after) == 1 for _code, after in ends)
        assert len({after[0] for _code, after in ends}) > PAGES / 2, "they come back spread out"
        stored = await in_thread(lambda: set(Message.objects.values_list("client_id", flat=True)))
        assert acknowledged <= {str(client) for client in stored}
        # It had read all of them when the signal came: it owed the answers, and gave them.
        assert len(acknowledged) == SENDS
        quick._process = None
        await asyncio.to_thread(quick.start)
        async with connect(quick, kim) as socket:
            await socket.send(json.dumps(sent[0][0]))
            assert (await until(socket, "ack"))["client_id"] == sent[0][0]["client_id"]

    run(scenario)
    assert Message.objects.filter(room=room).count() == SENDS


def test_i41_a_page_that_goes_on_sending_loses_and_doubles_nothing(cast: Cast, quick: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)
    sent: dict[str, dict[str, Any]] = {}
    acknowledged: set[str] = set()

    async def talk(socket: Any) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                one = frame(room)
                sent[one["client_id"]] = one
                await socket.send(json.dumps(one))
                await asyncio.sleep(0.005)

    async def scenario() -> None:
        sockets = [await connect(quick, kim) for _ in range(3)]
        talking = [asyncio.create_task(talk(socket)) for socket in sockets]
        listening = [asyncio.create_task(hear(socket, acknowledged)) for socket in sockets]
        await asyncio.sleep(0.5)
        assert quick._process is not None
        started = time.monotonic()
        quick._process.send_signal(signal.SIGTERM)
        ends = await asyncio.gather(*listening)
        await asyncio.gather(*talking)
        took = await exits(quick, started)
        assert took < GONE
        assert {code for code, _after in ends} == {RESTART}
        stored = await in_thread(lambda: {str(one) for one in Message.objects.values_list("client_id", flat=True)})
        left = sent.keys() - acknowledged
        print(f"{len(acknowledged)} of {len(sent)} acknowledged, {len(left)} left, gone after {took:.2f} s")
        assert stored == acknowledged, "nothing is half done"
        quick._process = None
        await asyncio.to_thread(quick.start)
        async with connect(quick, kim) as socket:
            for client in left:
                await socket.send(json.dumps(sent[client]))
            while not sent.keys() <= acknowledged:
                acknowledged.add((await until(socket, "ack"))["client_id"])

    run(scenario)
    assert sorted(str(one) for one in Message.objects.values_list("client_id", flat=True)) == sorted(sent)


def test_i17_what_waits_behind_a_slow_frame_is_carried_out_too(cast: Cast, web: WebProcess) -> None:
    slow, other = (open_direct_room(member=cast.kim, other=person) for person in (cast.sato, cast.lee))
    kim = session_of(cast.kim)
    acknowledged: set[str] = set()

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            with held_rows(Membership.objects.filter(room=slow, member=cast.kim)) as release:
                await socket.send(json.dumps({"type": "read", "room": slow.pk, "seq": 0}))
                await socket.send(json.dumps(frame(other)))
                await until_so(somebody_waits)
                assert web._process is not None
                started = time.monotonic()
                web._process.send_signal(signal.SIGTERM)
                await asyncio.sleep(1)
                release.set()
            assert (await hear(socket, acknowledged))[0] == RESTART
        assert len(acknowledged) == 1
        assert await exits(web, started) < GONE
        web._process = None

    run(scenario)


def test_i28_who_floods_is_read_no_further_until_it_is_their_turn(cast: Cast, web: WebProcess) -> None:
    slow = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)
    most = 60_000 * 1_000

    async def scenario() -> None:
        async with connect(web, kim) as flooding, connect(web, sato) as neighbour:
            sent = 0

            async def flood() -> None:
                nonlocal sent
                while sent < most:
                    await flooding.send(json.dumps({"type": "heartbeat", "rooms": [], "more": "x" * 60_000}))
                    sent += 60_000

            with held_rows(Membership.objects.filter(room=slow, member=cast.kim)) as release:
                await flooding.send(json.dumps({"type": "read", "room": slow.pk, "seq": 0}))
                task, before = asyncio.create_task(flood()), -1
                while sent not in (before, most):
                    before = sent
                    await asyncio.sleep(2)
                print(f"\n{sent / 1024 / 1024:.0f} MB were taken")
                assert sent < most, "all of it is in the process's memory"
                await neighbour.send('{"type":"heartbeat","rooms":[]}')
                await until(neighbour, "heads")
                release.set()
            # It is read on: each frame has its answer, if only that they were too many.
            for _ in range(100):
                json.loads(await asyncio.wait_for(flooding.recv(), PATIENCE))
            task.cancel()

    run(scenario)


def test_while_it_finishes_it_takes_nobody_new_and_a_second_signal_changes_nothing(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)
    acknowledged: set[str] = set()

    async def scenario() -> None:
        idle = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
        await asyncio.to_thread(idle.request, "GET", "/readyz")
        assert idle.getresponse().read() == b"ready\n"
        async with connect(web, kim) as socket:
            with held(room) as release:
                await socket.send(json.dumps(frame(room)))
                await all_read(socket)
                assert web._process is not None
                started = time.monotonic()
                web._process.send_signal(signal.SIGTERM)
                await until_so(lambda: not listens("127.0.0.1", web.port))
                web._process.send_signal(signal.SIGTERM)
                with pytest.raises(ConnectionRefusedError):
                    await connect(web, kim)
                await asyncio.to_thread(idle.request, "GET", "/readyz")
                answer = idle.getresponse()
                assert (answer.status, answer.read()) == (503, b"not ready: draining\n")
                release.set()
            code, _after = await hear(socket, acknowledged)
            assert code == RESTART
            assert len(acknowledged) == 1
        assert await exits(web, started) < GONE
        web._process = None

    run(scenario)


def test_it_is_gone_in_time_although_the_database_does_not_answer(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)
    acknowledged: set[str] = set()

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            with held(room):
                await socket.send(json.dumps(frame(room)))
                await all_read(socket)
                assert web._process is not None
                started = time.monotonic()
                web._process.send_signal(signal.SIGTERM)
                code, after = await hear(socket, acknowledged)
                assert (code, len(after)) == (RESTART, 1)
                took = await exits(web, started)
                print(f"gone after {took:.2f} s")
                assert took < GONE
        assert not acknowledged
        web._process = None

    run(scenario)
