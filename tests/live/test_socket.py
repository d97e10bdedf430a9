"""The socket of an open page, against a real web process."""

import asyncio
import http.cookies
import json
import socket as sockets
import time
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
import websockets
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.actions.members import deactivate_member
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message
from messaging.models import Message
from tests.cast import Cast, signed_in
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
# How long a test waits for what has to come, in seconds: a busy machine takes its time.
PATIENCE = 30
# What is promised of a cut and of a close, and how much longer it may take where all runs on one busy machine.
CUT, CLOSED = 5 + 7, 1 + 4


def connect(web: WebProcess, session: str, origin: str | None = None) -> Any:
    return websockets.connect(
        web.origin.replace("http", "ws", 1) + "/live/",
        origin=origin or web.origin,
        additional_headers={"Cookie": f"sessionid={session}"},
        max_size=None,
        max_queue=None,
        open_timeout=PATIENCE,
    )


def session_of(person: object) -> str:
    return str(signed_in(person).session.session_key)


async def until(socket: Any, kind: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """The next frame of this type."""
    async with asyncio.timeout(seconds):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


async def said(socket: Any, words: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """The next push of a room that carries these words: an earlier change of the room may still be on its way."""
    async with asyncio.timeout(seconds):
        while True:
            push = await until(socket, "room", seconds)
            if any(words in item["html"] for item in push["items"]):
                return push


async def waiting(socket: Any) -> set[str]:
    """The types of all frames that were sent before now: the answer to a heartbeat comes behind them."""
    await asyncio.sleep(0.5)
    await socket.send('{"type":"heartbeat","rooms":[]}')
    found: set[str] = set()
    while (kind := json.loads(await socket.recv())["type"]) != "heads":
        found.add(kind)
    return found


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def test_i17_a_message_is_acknowledged_when_stored_and_pushed_to_the_room_only(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato, lee = (session_of(person) for person in (cast.kim, cast.sato, cast.lee))

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, sato) as two, connect(web, lee) as stranger:
            for socket in (one, two, stranger):
                await socket.send('{"type":"heartbeat","rooms":[]}')
                await until(socket, "heads")
            client_id = str(uuid4())
            frame = {"type": "send", "room": room.pk, "client_id": client_id, "body": "Hello"}
            await one.send(json.dumps(frame))
            ack = await until(one, "ack")
            assert ack["client_id"] == client_id
            stored = Message.objects.filter(client_id=client_id, seq=ack["seq"])
            assert await in_thread(stored.exists)
            push = await until(two, "room")
            assert (push["after"], push["rev"]) == (ack["rev"] - 1, ack["rev"])
            assert "Hello" in push["items"][0]["html"]
            await two.send(json.dumps({"type": "read", "room": room.pk, "seq": ack["seq"]}))
            assert (await until(one, "read"))["member"] == cast.sato.pk
            await two.send(json.dumps({"type": "typing", "room": room.pk}))
            assert (await until(one, "typing"))["member"] == cast.sato.pk
            await stranger.send(json.dumps(frame | {"client_id": str(uuid4())}))
            assert json.loads(await stranger.recv())["code"] == "not_found"

    run(scenario)


def test_i24_only_listed_origins_may_open_a_socket(cast: Cast, web: WebProcess) -> None:
    kim = session_of(cast.kim)

    async def scenario() -> None:
        for origin in ("http://evil.example", f"http://127.0.0.1:{web.port + 1}", web.origin.replace("http", "https")):
            with pytest.raises(websockets.InvalidStatus):
                async with connect(web, kim, origin):
                    pass

    run(scenario)


def test_a_socket_without_session_is_told_so(cast: Cast, web: WebProcess) -> None:
    async def scenario() -> None:
        async with connect(web, "nobody") as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401

    run(scenario)


@pytest.mark.parametrize("cookie", ['"\\000aaaaaaa"', "a" * 5_000, "' OR 1=1", '"\\377\\376"'])
def test_i26_a_cookie_that_no_session_has_harms_nobody_who_comes_beside_it(
    cast: Cast, web: WebProcess, cookie: str
) -> None:
    kim = session_of(cast.kim)

    async def opened(session: str) -> Any:
        async with connect(web, session) as socket:
            try:
                await socket.send('{"type":"heartbeat","rooms":[]}')
                return (await until(socket, "heads"))["type"]
            except websockets.ConnectionClosed as closed:
                return closed.rcvd and closed.rcvd.code

    async def scenario() -> None:
        found = await asyncio.gather(*(opened(session) for session in [kim, cookie] * 8))
        assert found == ["heads", 4401] * 8

    run(scenario)


def test_i25_signing_out_cuts_that_sessions_socket_and_no_other(cast: Cast, web: WebProcess) -> None:
    client = Client()
    client.force_login(cast.kim, backend="accounts.backends.Backend")
    leaving, staying = str(client.session.session_key), session_of(cast.kim)

    async def scenario() -> None:
        async with connect(web, leaving) as one, connect(web, staying) as two:
            for socket in (one, two):
                await socket.send('{"type":"heartbeat","rooms":[]}')
                await until(socket, "heads")
            await asyncio.to_thread(_sign_out, web, leaving)
            with pytest.raises(websockets.ConnectionClosed):
                async with asyncio.timeout(CUT):
                    await one.recv()
            await two.send('{"type":"heartbeat","rooms":[]}')
            await until(two, "heads")

    run(scenario)


def test_i25_a_session_that_ends_cuts_its_silent_socket_even_when_the_push_is_lost(cast: Cast, web: WebProcess) -> None:
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario() -> None:
        async with connect(web, kim) as ended, connect(web, sato) as other:
            # No action, so no push: the row is simply gone.
            await in_thread(Session.objects.filter(pk=kim).delete)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await until(ended, "never", CUT)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401
            await other.send('{"type":"heartbeat","rooms":[]}')
            await until(other, "heads")

    run(scenario)


def test_i25_deactivation_ends_the_members_sockets_for_good(cast: Cast, web: WebProcess) -> None:
    kim = session_of(cast.kim)

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            await socket.send('{"type":"heartbeat","rooms":[]}')
            await until(socket, "heads")
            await in_thread(lambda: deactivate_member(member=cast.kim, actor=cast.admin_alpha))
            with pytest.raises(websockets.ConnectionClosed):
                await until(socket, "never")
        async with connect(web, kim) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await until(socket, "never")
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401

    run(scenario)


def _sign_out(web: WebProcess, session: str) -> None:
    headers = {"Cookie": f"sessionid={session}"}
    with urllib.request.urlopen(urllib.request.Request(f"{web.origin}/accounts/logout/", headers=headers)) as page:
        cookies = http.cookies.SimpleCookie("; ".join(page.headers.get_all("Set-Cookie") or []))
    token = cookies["csrftoken"].value
    headers["Cookie"] += f"; csrftoken={token}"
    headers["Origin"] = web.origin
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{web.origin}/accounts/logout/", body, headers)).close()


BAD = [
    "",
    "not json",
    "[]",
    "null",
    '{"type": 5}',
    '{"type": "unknown"}',
    '{"type": "send"}',
    '{"type": "send", "room": -1, "client_id": "x", "body": "y"}',
    '{"type": "send", "room": true, "client_id": "x", "body": "y"}',
    '{"type": "read", "room": 1e400, "seq": 1}',
    '{"type": "heartbeat", "rooms": {"a": 1}}',
    "[" * 50_000,
    '{"type": "send", "body": "' + "x" * 200_000 + '"}',
]


def test_i26_a_bad_frame_gets_an_answer_and_harms_nobody(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario() -> None:
        async with connect(web, kim) as bad, connect(web, sato) as good:
            for text in BAD:
                await bad.send(text)
                assert (await until(bad, "nack"))["code"] in ("bad_frame", "too_large")
            await bad.send(b"\x00\xff")
            assert (await until(bad, "nack"))["code"] == "bad_frame"
            frame = {"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "a\ud800b"}
            await bad.send(json.dumps(frame))
            assert (await until(bad, "nack"))["code"] == "bad_text"
            await good.send(json.dumps({"type": "heartbeat", "rooms": [room.pk]}))
            assert (await until(good, "heads"))["heads"] == {str(room.pk): 0}

    run(scenario)


def test_i26_i38_a_page_that_sends_too_fast_is_told_to_wait(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim = session_of(cast.kim)

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            for _ in range(80):
                await socket.send(
                    json.dumps({"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "quick"})
                )
            nack = await until(socket, "nack")
            assert (nack["code"], nack["retry"]) == ("too_many", True)

    run(scenario)


def test_i28_a_page_that_does_not_read_is_cut_and_its_neighbour_does_not_notice(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    def deaf() -> sockets.socket:
        raw = sockets.create_connection(("127.0.0.1", web.port))
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.sendall(
            f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Origin: {web.origin}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: sessionid={sato}\r\n\r\n".encode()
        )
        assert b"101" in raw.recv(200)
        return raw

    async def scenario() -> None:
        raw = await asyncio.to_thread(deaf)
        async with connect(web, kim) as socket:
            body = "x" * 9_000
            for _ in range(50):
                for _ in range(50):
                    await in_thread(send_message, Draft(room.pk, cast.kim.pk, uuid4(), body))
                if "does not read, cut" in web.log.read_text():
                    break
            assert "does not read, cut" in web.log.read_text()
            started = time.monotonic()
            await socket.send('{"type":"heartbeat","rooms":[]}')
            await until(socket, "heads")
            assert time.monotonic() - started < PATIENCE
        raw.close()

    run(scenario)


def test_i05_i15_typing_and_reading_never_pass_a_block(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    send_message(Draft(room.pk, cast.kim.pk, uuid4(), "Hello"))
    block_external_user(member=cast.sato, person=cast.kim)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, sato) as two:
            # What was pushed before they came may still be on its way.
            await waiting(one)
            await waiting(two)
            await two.send(json.dumps({"type": "typing", "room": room.pk}))
            await two.send(json.dumps({"type": "read", "room": room.pk, "seq": 1}))
            await until(two, "read")
            assert not await waiting(one) & {"typing", "read", "room"}
            await one.send(json.dumps({"type": "typing", "room": room.pk}))
            await one.send(json.dumps({"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "psst"}))
            await until(one, "ack")
            assert not await waiting(two) & {"typing", "read", "room"}

    run(scenario)


def test_i11_closing_reaches_open_pages_within_a_second(cast: Cast, web: WebProcess) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, sato) as two:
            for socket in (one, two):
                await socket.send('{"type":"heartbeat","rooms":[]}')
                await until(socket, "heads")
            off = {"company": cast.beta, "allows": False, "actor": cast.admin_beta}
            await in_thread(lambda: set_external_connection(**off))
            for socket in (one, two):
                frame = await until(socket, "room", CLOSED)
                assert (frame["room"], frame["refresh"]) == (room.pk, True)

    run(scenario)
