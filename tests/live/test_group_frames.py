"""Group rooms over the socket: presence, typing and reading within the room, and the room that is taken away."""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.actions.send import Draft, send_message
from messaging.models import Room
from tests.cast import Cast
from tests.live.test_socket import PATIENCE, connect, run, said, session_of, until, waiting
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(cast: Cast) -> Room:
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Room")


async def ask(socket: Any, room: int, members: list[int]) -> dict[str, Any]:
    await socket.send(json.dumps({"type": "presence", "room": room, "members": members}))
    return await until(socket, "presence")


async def online(socket: Any, room: Room, members: list[int], expected: list[User]) -> None:
    """Wait until the page is told that exactly these people are online: a process marks its own within a second."""
    ids = [person.pk for person in expected]
    async with asyncio.timeout(PATIENCE):
        while (await ask(socket, room.pk, members))["online"] != ids:  # noqa: ASYNC110  (another process: nothing to wait for)
            await asyncio.sleep(0.3)


def test_i05_i15_presence_is_told_within_the_room_and_never_across_a_block(
    cast: Cast, web: WebProcess, room: Room
) -> None:
    everyone = [cast.kim.pk, cast.lee.pk, cast.sato.pk, cast.ito.pk, cast.tran.pk]
    block_external_user(member=cast.sato, person=cast.lee)
    kim, lee, sato, tran = (session_of(person) for person in (cast.kim, cast.lee, cast.sato, cast.tran))

    async def scenario() -> None:
        async with (
            connect(web, kim) as one,
            connect(web, lee) as two,
            connect(web, sato) as three,
            connect(web, tran) as stranger,
        ):
            await online(one, room, everyone, [cast.kim, cast.lee, cast.sato])
            # Neither the blocker nor the blocked one sees the other come and go.
            assert (await ask(two, room.pk, everyone))["online"] == [cast.kim.pk, cast.lee.pk]
            assert (await ask(three, room.pk, everyone))["online"] == [cast.kim.pk, cast.sato.pk]
            # Tran is online, but not in the room; and learns nothing of it.
            await stranger.send(json.dumps({"type": "presence", "room": room.pk, "members": everyone}))
            theirs = await until(stranger, "nack")
            await stranger.send(json.dumps({"type": "presence", "room": 987_654, "members": everyone}))
            assert await until(stranger, "nack") == theirs
            for bad in (None, "1", [1] * 101, ["1"], [-1]):
                await one.send(json.dumps({"type": "presence", "room": room.pk, "members": bad}))
                assert (await until(one, "nack"))["code"] == "bad_frame"

    run(scenario)


def test_i15_a_blocker_gets_no_message_typing_or_reading_of_the_blocked_one(
    cast: Cast, web: WebProcess, room: Room
) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    kim, lee, sato = (session_of(person) for person in (cast.kim, cast.lee, cast.sato))

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, lee) as two, connect(web, sato) as blocker:
            for socket in (one, two, blocker):
                await waiting(socket)
            await one.send(json.dumps({"type": "typing", "room": room.pk}))
            await until(two, "typing")
            frame = {"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "psst"}
            await one.send(json.dumps(frame))
            await said(two, "psst")
            ack = await until(one, "ack")
            await one.send(json.dumps({"type": "read", "room": room.pk, "seq": ack["seq"]}))
            assert not await waiting(blocker) & {"typing", "room", "read"}
            # What others write reaches the blocker, and the blocker reaches everyone: a block is not told.
            await blocker.send(json.dumps(frame | {"client_id": str(uuid4()), "body": "I write on"}))
            await until(blocker, "ack")
            await said(one, "I write on")

    run(scenario)


def test_i04_i25_a_removed_member_gets_gone_at_once_and_nothing_after(cast: Cast, web: WebProcess, room: Room) -> None:
    sato, ito = session_of(cast.sato), session_of(cast.ito)

    async def scenario() -> None:
        async with connect(web, sato) as one, connect(web, ito) as two:
            for socket in (one, two):
                await waiting(socket)
            await in_thread(lambda: remove_member(master=cast.kim, room_id=room.pk, member_id=cast.sato.pk))
            assert (await until(one, "gone"))["room"] == room.pk
            await in_thread(lambda: send_message(Draft(room.pk, cast.kim.pk, uuid4(), "Without Sato")))
            await said(two, "Without Sato")
            assert not await waiting(one) & {"room", "typing", "read"}
            await one.send(json.dumps({"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "Still?"}))
            assert (await until(one, "nack"))["code"] == "not_found"

    run(scenario)


def test_i11_a_closing_company_is_out_of_the_open_room_within_a_second(cast: Cast, web: WebProcess, room: Room) -> None:
    sato, lee = session_of(cast.sato), session_of(cast.lee)

    async def scenario() -> None:
        async with connect(web, sato) as one, connect(web, lee) as two:
            for socket in (one, two):
                await socket.send('{"type":"heartbeat","rooms":[]}')
                await until(socket, "heads")
            close = lambda: set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)  # noqa: E731
            started = time.monotonic()
            await in_thread(close)
            assert (await until(one, "gone"))["room"] == room.pk
            told = await said(two, "excluded")
            print(f"\nout of the open room {time.monotonic() - started:.3f} s after the administrator's decision began")
            assert told["refresh"]

    run(scenario)
