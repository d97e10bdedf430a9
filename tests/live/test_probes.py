"""What machines ask a real web process: whether it lives, whether it can work, and its figures."""

import time
from pathlib import Path

import pytest

from launcher.valkey import Valkey
from messaging.actions.rooms import open_direct_room
from tests.cast import Cast
from tests.live.test_socket import PATIENCE, connect, run, session_of, until
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def ask(web: WebProcess, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    status, body, answered = web.ask(path, **headers)
    return status, body.decode(), {name.lower(): value for name, value in answered.items()}


def test_says_that_it_lives_and_that_it_can_work_whoever_asks_by_whatever_name(cast: Cast, web: WebProcess) -> None:
    for path, text in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        status, body, headers = ask(web, path, Host="10.0.0.7")
        assert (status, body) == (200, text)
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


def test_names_what_does_not_answer_within_two_seconds_and_comes_back(cast: Cast, tmp_path: Path) -> None:
    with Valkey(tmp_path / "valkey") as valkey:
        web = WebProcess(tmp_path / "web.log", REDIS_URL=valkey.url)
        web.start()
        try:
            valkey.stop()
            assert ask(web, "/readyz")[:2] == (503, "not ready: valkey\n")
            assert ask(web, "/healthz")[0] == 200
            valkey.start()
            assert ask(web, "/readyz")[:2] == (200, "ready\n")
        finally:
            web.stop()


def test_a_server_that_says_nothing_does_not_hang_the_question(cast: Cast, tmp_path: Path) -> None:
    # Nobody answers there, and nobody refuses: https://www.rfc-editor.org/rfc/rfc5737.
    silent = "192.0.2.1"
    web = WebProcess(
        tmp_path / "web.log", REDIS_URL=f"redis://{silent}:6379", DATABASE_URL=f"postgresql://u:p@{silent}/d"
    )
    web.launch()
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                ask(web, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        for _ in range(2):
            started = time.monotonic()
            assert ask(web, "/readyz")[:2] == (503, "not ready: database, valkey\n")
            assert time.monotonic() - started < PATIENCE
    finally:
        web.stop()


def test_figures_are_for_loopback_alone_and_not_through_a_proxy(cast: Cast, web: WebProcess, tmp_path: Path) -> None:
    assert ask(web, "/metrics")[0] == 200
    assert ask(web, "/metrics", X_Forwarded_For="127.0.0.1")[0] == 404
    closed = WebProcess(tmp_path / "closed.log", METRICS_ALLOW="10.1.0.0/16")
    closed.start()
    try:
        status, body, _headers = ask(closed, "/metrics")
        assert (status, body) == (404, "")
    finally:
        closed.stop()


def figure(web: WebProcess, name: str) -> float:
    lines = [line for line in ask(web, "/metrics")[1].splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].split()[1]) if lines else 0


def test_counts_what_happens(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, sato) as two:
            for socket in (one, two):
                await socket.send('{"type":"heartbeat","rooms":[]}')
                await until(socket, "heads")
            client = "6c0ad7a6-6a3a-4c5c-8e8e-1f6ab9f2d001"
            await one.send(f'{{"type":"send","room":{room.pk},"client_id":"{client}","body":"counted"}}')
            await until(one, "ack")
            await until(two, "room")
            await one.send('{"type":"nonsense"}')
            await until(one, "nack")
            assert await in_thread(figure, web, "worksbridge_open_sockets") == 2
        for path in (f"/messages/{room.pk}/changes?after=0", "/messages/987654/", "/nowhere/at/all"):
            await in_thread(lambda path=path: ask(web, path, Cookie=f"sessionid={kim}"))

    run(scenario)
    figures = ask(web, "/metrics")[1]
    for line in (
        "worksbridge_messages_stored_total 1.0",
        "worksbridge_writer_batch_size_count 1.0",
        'worksbridge_frames_refused_total{code="bad_frame"} 1.0',
        'worksbridge_catch_ups_total{answer="changes"} 1.0',
        'worksbridge_http_requests_total{method="GET",route="messaging:room",status="404"} 1.0',
        'worksbridge_http_requests_total{method="GET",route="none",status="404"} 1.0',
        'worksbridge_ready{check="database"} 1.0',
        "worksbridge_database_pool_max 12.0",
    ):
        assert line in figures, line
    assert figure(web, "worksbridge_pushes_published_total") >= 1
    assert figure(web, "worksbridge_pushes_delivered_total") >= 2
    assert figure(web, "worksbridge_open_sockets") == 0
    assert "987654" not in figures
