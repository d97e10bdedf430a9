"""A web process whose Postgres or Valkey is unavailable for a while: what people get, and that it recovers."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from launcher.valkey import Valkey
from messaging.actions.rooms import open_direct_room
from messaging.models import Message
from tests.cast import Cast
from tests.live.forwarder import Forwarder, silent, to_postgres
from tests.live.test_log import fetch
from tests.live.test_socket import PATIENCE, connect, run, session_of, until
from tests.live.web import WebProcess, database_url_of_the_test
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
# Messages of which each would hold the next one up for a second, if one push waited for another.
WRITTEN = 12


@pytest.fixture
def cut_off(transactional_db: None, tmp_path: Path) -> Iterator[tuple[WebProcess, Forwarder]]:
    """A web process, also one that shows tracebacks, and the forwarder between it and Postgres."""
    forwarder, url = to_postgres(database_url_of_the_test())
    forwarder.start()
    web = WebProcess(tmp_path / "web.log", DATABASE_URL=url, DEBUG="1")
    web.start()
    yield web, forwarder
    web.stop()
    forwarder.cut()


def test_i17_without_postgres_pages_say_so_and_nothing_is_acknowledged(
    cast: Cast, cut_off: tuple[WebProcess, Forwarder]
) -> None:
    web, forwarder = cut_off
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)
    frame = {"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "Is anybody there?"}

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            await socket.send('{"type":"heartbeat","rooms":[]}')
            await until(socket, "heads")
            forwarder.cut()
            await socket.send(json.dumps(frame))
            nack = await until(socket, "nack")
            assert (nack["code"], nack["retry"]) == ("unavailable", True)
            started = time.monotonic()
            status, headers, page = await in_thread(lambda: fetch(web, "/messages/", Cookie=f"sessionid={kim}"))
            assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
            assert "briefly unavailable" in page
            assert "Traceback" not in page
            assert time.monotonic() - started < PATIENCE
            assert not await in_thread(Message.objects.exists)
            forwarder.start()
            started = time.monotonic()
            while (await in_thread(lambda: fetch(web, "/messages/", Cookie=f"sessionid={kim}")))[0] != 200:
                assert time.monotonic() - started < PATIENCE
            print(f"pages again {time.monotonic() - started:.2f} s after Postgres")
            await socket.send(json.dumps(frame))
            await until(socket, "ack")

    run(scenario)
    assert Message.objects.count() == 1
    assert "Traceback" not in web.log.read_text()


def test_a_restart_of_postgres_between_two_requests_fails_none(
    cast: Cast, cut_off: tuple[WebProcess, Forwarder]
) -> None:
    web, forwarder = cut_off
    kim = session_of(cast.kim)
    assert fetch(web, "/messages/", Cookie=f"sessionid={kim}")[0] == 200
    forwarder.cut()
    forwarder.start()
    assert fetch(web, "/messages/", Cookie=f"sessionid={kim}")[0] == 200


def test_without_valkey_people_sign_in_read_and_write_and_pushes_between_processes_come_back(
    cast: Cast, tmp_path: Path
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario(here: WebProcess, there: WebProcess, valkey: Valkey) -> None:
        async with connect(here, kim) as one, connect(there, sato) as two, connect(here, sato) as beside:
            for page in (two, beside):
                await page.send('{"type":"heartbeat","rooms":[]}')
                await until(page, "heads")
            valkey.stop()
            await in_thread(_works, here, room.pk, kim)
            assert await _pushed(one, beside, room.pk), "a page of the same process hears of it without Valkey"
            assert not await _pushed(one, two, room.pk)
            await in_thread(valkey.start)
            async with asyncio.timeout(PATIENCE):
                while not await _pushed(one, two, room.pk):
                    pass

    with Valkey(tmp_path / "valkey") as valkey:
        processes = [
            WebProcess(tmp_path / f"web{number}.log", REDIS_URL=valkey.url, CHANNEL_PREFIX="both")
            for number in range(2)
        ]
        for web in processes:
            web.launch()
        try:
            for web in processes:
                web.wait()
            run(lambda: scenario(*processes, valkey))
        finally:
            for web in processes:
                web.stop()


def test_a_valkey_that_says_nothing_holds_no_page_up_for_long_and_no_push_within_the_process(
    cast: Cast, tmp_path: Path
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def write(web: WebProcess) -> None:
        async with connect(web, kim) as one, connect(web, sato) as two:
            started = time.monotonic()
            for _ in range(WRITTEN):
                await one.send(json.dumps(_frame(room.pk)))
                await until(one, "ack")
                await until(two, "room")
            assert time.monotonic() - started < WRITTEN / 2, "a push waits for Valkey, which takes a second each"

    with silent() as port:
        web = WebProcess(tmp_path / "web.log", REDIS_URL=f"redis://127.0.0.1:{port}")
        web.launch()
        try:
            _wait_for(web)
            _works(web, room.pk, kim)
            run(lambda: write(web))
            _dropped_together(web)
        finally:
            web.stop()


def _dropped_together(web: WebProcess) -> None:
    """What waits for Valkey behind a push that was lost is dropped with it, rather than tried for a second each."""
    until_then = time.monotonic() + WRITTEN / 2
    lost = 0.0
    while lost < WRITTEN:
        assert time.monotonic() < until_then, f"{lost} pushes are given up, the others still wait"
        time.sleep(0.2)
        figures = fetch(web, "/metrics")[2]
        found = re.search(r'^worksbridge_pushes_dropped_total{why="channel layer"} (.+)$', figures, re.MULTILINE)
        lost = float(found[1]) if found else 0.0


def _frame(room: int) -> dict[str, object]:
    return {"type": "send", "room": room, "client_id": str(uuid4()), "body": "안녕하세요"}


async def _pushed(one: object, two: object, room: int) -> bool:
    await one.send(json.dumps(_frame(room)))  # type: ignore[attr-defined]
    await until(one, "ack")
    try:
        await until(two, "room", 0.5)
    except TimeoutError:
        return False
    return True


def _wait_for(web: WebProcess) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            fetch(web, "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return


def _works(web: WebProcess, room: int, session: str) -> None:
    """Reading, writing by the form, and the sign-in page: each works, and soon."""
    longest = 0.0
    for path in ("/messages/", f"/messages/{room}/", f"/messages/{room}/changes?after=0"):
        started = time.monotonic()
        assert fetch(web, path, Cookie=f"sessionid={session}")[0] == 200
        longest = max(longest, time.monotonic() - started)
    started = time.monotonic()
    assert _post(web, f"/messages/{room}/", f"/messages/{room}/send", session, body="by the form") == 302
    longest = max(longest, time.monotonic() - started)
    started = time.monotonic()
    # The form with its error: what counts here is that nobody is kept from trying.
    given = {"login": "nobody@alpha.example", "password": "not-the-password"}
    assert _post(web, "/accounts/login/", "/accounts/login/", "", **given) == 200
    longest = max(longest, time.monotonic() - started)
    print(f"longest answer {longest:.2f} s")
    assert longest < 10


def _post(web: WebProcess, form: str, path: str, session: str, **fields: str) -> int:
    cookie = f"sessionid={session}" if session else "theme=light"
    _status, headers, page = fetch(web, form, Cookie=cookie)
    token = headers["set-cookie"].partition("csrftoken=")[2].partition(";")[0]
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    body = urlencode({"csrfmiddlewaretoken": found[1] if found else token, **fields})
    told = {"Content_Type": "application/x-www-form-urlencoded", "Origin": web.origin}
    return fetch(web, path, body, Cookie=f"{cookie}; csrftoken={token}", **told)[0]
