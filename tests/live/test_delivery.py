"""Delivery under faults: acknowledged = stored = shown, in order, once."""

import asyncio
import random
import signal
import time
from pathlib import Path

import pytest

from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Message, Room
from tests.cast import Cast, signed_in
from tests.live.page import Page
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread
from worksbridge.local.valkey import Valkey

MESSAGES = 5_000
PER_SECOND = 250


@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
def test_i17_i18_i19_i20_i21_acknowledged_is_stored_is_shown_through_restarts_and_lost_pushes(
    cast: Cast, tmp_path: Path
) -> None:
    direct = open_direct_room(member=cast.kim, other=cast.sato)
    inside = open_direct_room(member=cast.kim, other=cast.lee)
    group = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Osaka launch")
    members = {
        cast.kim: [direct, inside, group],
        cast.lee: [inside, group],
        cast.sato: [direct, group],
        cast.ito: [group],
    }
    sessions = {person: signed_in(person).session.session_key for person in members}
    with Valkey(tmp_path / "valkey") as valkey:
        web = WebProcess(tmp_path / "web.log", REDIS_URL=valkey.url, LIVE_DROP_ONE_IN="10", LIVE_RATE_FACTOR="1000")
        web.start()
        try:
            pages = [
                Page(web.origin, str(sessions[person]), [room.pk for room in rooms])
                for person, rooms in members.items()
                for _tab in range(2)
            ]
            asyncio.run(_talk(pages, web, valkey))
        finally:
            web.stop()
    _compare(pages, [direct, inside, group])


async def _talk(pages: list[Page], web: WebProcess, valkey: Valkey) -> None:
    for page in pages:
        await page.open()
    await asyncio.gather(_write(pages), _break(web, valkey))
    await _until(lambda: not any(page.outbox for page in pages), 60, "messages stay unacknowledged")
    heads = await in_thread(lambda: dict(Room.objects.values_list("pk", "rev")))
    await _until(
        lambda: all(room.rev == heads[pk] for page in pages for pk, room in page.rooms.items()), 60, "pages lag behind"
    )
    for page in pages:
        await page.close()


async def _write(pages: list[Page]) -> None:
    chance = random.Random(7)
    start = time.monotonic()
    for number in range(MESSAGES):
        page = chance.choice(pages)
        await page.send(chance.choice(list(page.rooms)), f"Message {number} 안녕하세요 **{number}**")
        await asyncio.sleep(max(0.0, start + number / PER_SECOND - time.monotonic()))


async def _break(web: WebProcess, valkey: Valkey) -> None:
    await asyncio.sleep(4)
    await asyncio.to_thread(web.restart, signal.SIGKILL)
    await asyncio.sleep(3)
    await asyncio.to_thread(valkey.stop)
    await asyncio.sleep(1)
    await asyncio.to_thread(valkey.start)
    await asyncio.sleep(3)
    await asyncio.to_thread(web.restart, signal.SIGTERM)


async def _until(condition: object, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)


def _compare(pages: list[Page], rooms: list[Room]) -> None:
    acknowledged = {client_id for page in pages for client_id in page.acknowledged}
    assert len(acknowledged) == MESSAGES
    assert not any(page.refused for page in pages)
    for room in rooms:
        room.refresh_from_db()
        stored = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", "client_id"))
        assert [seq for seq, _client in stored] == list(range(1, room.rev + 1))
        sent = [str(client_id) for _seq, client_id in stored if client_id]
        for page in pages:
            if room.pk in page.rooms:
                assert sorted(page.rooms[room.pk].shown) == list(range(1, room.rev + 1))
                assert page.shown_clients(room.pk) == sent
        acknowledged -= set(sent)
    assert not acknowledged
    assert all(page.connections >= 3 for page in pages)
