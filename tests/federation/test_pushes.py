"""Pushes to open pages, through the real channel layer."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable

import pytest
from channels.layers import get_channel_layer
from django.db import connections

from accounts.models import Company, User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from tests.cast import Cast
from worksbridge.live.relay import GROUP

pytestmark = pytest.mark.django_db(transaction=True)
QUIET = 0.4


def pushed(action: Callable[[], object]) -> tuple[dict[int, list[dict]], float]:
    """The frames that `action` sends, by member id, and after how many seconds the last of them came."""
    return asyncio.run(_pushed(action))


async def _pushed(action: Callable[[], object]) -> tuple[dict[int, list[dict]], float]:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    started, last = time.monotonic(), 0.0
    await asyncio.to_thread(_act, action)
    frames: defaultdict[int, list[dict]] = defaultdict(list)
    while True:
        try:
            together = await asyncio.wait_for(layer.receive(channel), QUIET)
        except TimeoutError:
            return frames, last
        last = time.monotonic() - started
        for push in together["pushes"]:
            for member in push.get("to", ()):
                frames[member].append(json.loads(push["frame"]))


def _act(action: Callable[[], object]) -> None:
    try:
        action()
    finally:
        connections.close_all()


def switch(company: Company, actor: User, *, allows: bool) -> Callable[[], None]:
    return lambda: set_external_connection(company=company, allows=allows, actor=actor)


def parts(frames: list[dict]) -> set[str]:
    return {part for frame in frames if frame["type"] == "reload" for part in frame["parts"]}


def test_opening_reaches_both_companies_and_notices_go_to_the_newly_granted(cast: Cast) -> None:
    frames, _last = pushed(switch(cast.gamma, cast.admin_gamma, allows=True))
    for person in (cast.tran, cast.kim, cast.sato):
        assert {"features", "contacts", "list", "room"} <= parts(frames[person.pk])
    noticed = {member for member, seen in frames.items() if any(frame["type"] == "notice" for frame in seen)}
    assert noticed == {cast.tran.pk, cast.admin_gamma.pk}


def test_i11_a_close_reaches_both_companies_within_a_second_and_nobody_else(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    frames, last = pushed(switch(cast.beta, cast.admin_beta, allows=False))
    assert last < 1
    for person in (cast.kim, cast.lee, cast.sato, cast.ito):
        assert {"features", "contacts"} <= parts(frames[person.pk])
    assert cast.tran.pk not in frames
    assert cast.operator.pk not in frames


def test_i15_a_block_is_pushed_to_the_blocker_alone(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    frames, _last = pushed(lambda: block_external_user(member=cast.kim, person=cast.sato))
    assert set(frames) == {cast.kim.pk}
