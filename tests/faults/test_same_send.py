"""One message submitted many times at once, over sockets and by the form, to two web processes: one row."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
import websockets

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from tests.cast import Cast, signed_in
from tests.depth import depth
from tests.faults.conftest import Start
from tests.faults.fetching import exchange
from tests.faults.figures import Record
from tests.faults.store import Store
from tests.live.web import WebProcess

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
ROUNDS = depth(test=5, soak=200)
SOCKETS = 5
TIMES = 50
# As many by the form as over the sockets.
BY_FORM = TIMES // 2
TOKEN = "a" * 32


def test_i18_the_same_send_fifty_times_at_once_is_one_row_and_every_answer_names_it(
    launch: Start, cast: Cast, figure: Record
) -> None:
    webs = [launch(CHANNEL_PREFIX="same"), launch(CHANNEL_PREFIX="same")]
    room = open_direct_room(member=cast.kim, other=cast.sato).pk
    session = _session(cast.kim)
    for web in webs:
        web.wait()
    asyncio.run(_scenario(webs, session, room, figure))


def _session(person: User) -> str:
    return str(signed_in(person).session.session_key)


async def _scenario(webs: list[WebProcess], session: str, room: int, figure: Record) -> None:
    async with AsyncExitStack() as stack:
        connecting = [_connect(webs[number % 2], session) for number in range(SOCKETS)]
        sockets = [await stack.enter_async_context(one) for one in connecting]
        started = asyncio.get_running_loop().time()
        for number in range(ROUNDS):
            await _submit(webs, sockets, session, room, f"Said once: {number}")
        figure(f"s for each {TIMES} at once", (asyncio.get_running_loop().time() - started) / ROUNDS)
    rows = [row for row in (await Store().messages())[room] if row.client]
    assert [row.body for row in rows] == [f"Said once: {number}" for number in range(ROUNDS)]


async def _submit(webs: list[WebProcess], sockets: list[Any], session: str, room: int, body: str) -> None:
    client_id = str(uuid4())
    frame = json.dumps({"type": "send", "room": room, "client_id": client_id, "body": body})
    numbers = await asyncio.gather(
        *(_over(socket, frame, client_id, (TIMES - BY_FORM) // SOCKETS) for socket in sockets),
        *(_by_form(webs[n % 2], session, room, client_id, body) for n in range(BY_FORM)),
    )
    answers = [seq for found in numbers for seq in found]
    assert len(answers) == TIMES
    assert len(set(answers)) == 1, answers


async def _over(socket: Any, frame: str, client_id: str, times: int) -> list[int]:
    """Send the frame so many times; the number in each answer."""
    for _ in range(times):
        await socket.send(frame)
    found: list[int] = []
    async with asyncio.timeout(30):
        while len(found) < times:
            answer = json.loads(await socket.recv())
            assert answer["type"] != "nack", answer
            if answer["type"] == "ack" and answer["client_id"] == client_id:
                found.append(answer["seq"])
    return found


async def _by_form(web: WebProcess, session: str, room: int, client_id: str, body: str) -> list[int]:
    form = urlencode({"csrfmiddlewaretoken": TOKEN, "client_id": client_id, "body": body})
    head = (
        f"POST /messages/{room}/send HTTP/1.0\r\nHost: {urlsplit(web.origin).netloc}\r\nAccept: application/json\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nOrigin: {web.origin}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    answer = json.loads((await exchange(web.origin, (head + form).encode(), 30))[1])
    assert answer["client_id"] == client_id
    return [answer["seq"]]


def _connect(web: WebProcess, session: str) -> Any:
    return websockets.connect(
        web.origin.replace("http", "ws", 1) + "/live/",
        origin=web.origin,
        additional_headers={"Cookie": f"sessionid={session}"},
        max_queue=None,
    )
