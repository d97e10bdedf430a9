"""Calls over the socket, against a real web process: whom a ring reaches, and who is out of a call at once."""

import time
from collections.abc import Callable

import pytest

from accounts.actions.members import deactivate_member
from calls.actions.leaving import leave_call
from calls.models import Call
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.cast import Cast
from tests.live.call_pages import MISSING, Frame, Page, Pages, call_is, join, of_calls, offer, reloads, start
from tests.live.test_socket import run
from tests.live.web import Start
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
# What is promised, and how much longer it may take where everything runs on one busy machine; a push that is lost takes
# ten seconds. In seconds.
PROMISED, BUSY = 1, 4


def test_a_ring_reaches_all_pages_of_the_callee_and_nobody_else(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web()

    async def scenario() -> None:
        async with Pages(web) as pages:
            people = (cast.kim, cast.sato, cast.sato, cast.lee, cast.ito, cast.tran)
            kim, one, two, *others = await pages.open(*people)
            call = await start(room, cast.kim, kim)
            for page in (one, two):
                await page.until(reloads("ringing"))
            # A push is a hint, so it comes again while it rings.
            await two.until(reloads("ringing"))
            await join(call, cast.sato, one)
            for page in (one, two):
                await page.until(reloads("ringing"))
                assert await page.settle(0.1) is not None
            await kim.until(call_is(id=call.pk, state="live"))
            assert not [frame for frame in kim.heard if reloads("ringing")(frame)]
            for page in others:
                assert of_calls(await page.settle(0.1)) == []

    run(scenario)


def test_i15_a_blocked_persons_ring_reaches_nobody(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web()
    group = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Room")
    block_external_user(member=cast.sato, person=cast.kim)

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato, lee = await pages.open(cast.kim, cast.sato, cast.lee)
            call = await start(room, cast.kim, kim)
            await kim.until(call_is(id=call.pk, state="ringing"))
            # Not by what comes again either.
            assert of_calls(await sato.settle(6)) == []
            # Nor by asking: it is answered like a call that does not exist.
            answers = []
            for pk in (call.pk, MISSING):
                await sato.send(type="in_call", call=pk, device=str(sato.device), rev=0)
                answers.append(await sato.until(lambda frame: frame["type"] in ("call_gone", "nack")))
                answers[-1].pop("call", None)
            assert answers[0] == answers[1]
            for kind in ("signal", "call_status"):
                answers = [
                    await sato.refused(
                        **offer(pk, sato, cast.kim.pk, kim.device) | {"type": kind}, mic=True, camera=True, screen=False
                    )
                    for pk in (call.pk, MISSING)
                ]
                for answer in answers:
                    answer.pop("call", None)
                assert answers[0] == answers[1]
                assert answers[0]["code"] == "not_found"
            device = kim.device
            await in_thread(lambda: leave_call(member=cast.kim, call_id=call.pk, device=device))
            assert of_calls(await sato.settle()) == []
            # In a group room the blocker gets no toast, the others do.
            await start(group, cast.kim, kim)
            toast = await lee.until(lambda frame: frame["type"] == "call_started")
            assert (toast["room"], bool(toast["html"])) == (group.pk, True)
            assert not [frame for frame in await sato.settle() if frame["type"] == "call_started"]

    run(scenario)


def test_i11_i35_who_may_no_longer_talk_is_out_within_a_second(cast: Cast, start_web: Start) -> None:
    web = start_web()
    group = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Room")
    internal = open_direct_room(member=cast.kim, other=cast.lee)

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, lee, sato, ito, second = await pages.open(cast.kim, cast.lee, cast.sato, cast.ito, cast.sato)
            people = ((cast.lee, lee), (cast.sato, sato), (cast.ito, ito))
            call = await start(group, cast.kim, kim)
            for member, page in people:
                await join(call, member, page)
            # A Master removes one.
            await kim.until(lambda frame: frame["type"] == "call" and len(frame["call"]["people"]) == 4)
            out = {"master": cast.kim, "room_id": group.pk, "member_id": cast.ito.pk}
            await within_a_second(ito, call, lambda: remove_member(**out))
            # An administrator closes.
            close = {"company": cast.beta, "allows": False, "actor": cast.admin_beta}
            told = await within_a_second(sato, call, lambda: set_external_connection(**close))
            assert told["device"] is None
            assert told["reason"] in ("excluded", "not_allowed")
            # All of their pages hear it, nobody else does.
            await second.until(lambda frame: frame["type"] == "call_gone")
            await kim.until(
                lambda frame: (
                    frame["type"] == "call"
                    and {one["member"] for one in frame["call"]["people"]} == {cast.kim.pk, cast.lee.pk}
                )
            )
            for one, member, other in ((sato, cast.kim, kim), (kim, cast.sato, sato), (ito, cast.kim, kim)):
                answer = await one.refused(**offer(call.pk, one, member.pk, other.device))
                assert answer["code"] == "not_found"
            await kim.send(**offer(call.pk, kim, cast.lee.pk, lee.device))
            await lee.until(lambda frame: frame["type"] == "signal")
            for page in (kim, lee):
                assert not [frame for frame in page.heard if frame["type"] == "call_gone"]
            for page in (sato, ito):
                assert not [frame for frame in await page.settle(0.2) if frame["type"] in ("signal", "call")]
            for member, page in ((cast.kim, kim), (cast.lee, lee)):
                device = page.device
                await in_thread(lambda: leave_call(member=member, call_id=call.pk, device=device))  # noqa: B023
            # A colleague is deactivated: no room of theirs freezes, but the call ends.
            own = await start(internal, cast.kim, kim)
            await join(own, cast.lee, lee)
            await kim.until(call_is(id=own.pk, state="live"))
            started = time.monotonic()
            await in_thread(lambda: deactivate_member(member=cast.lee, actor=cast.admin_alpha))
            await kim.until(call_is(id=own.pk, state="ended"))
            print(f"\nended {time.monotonic() - started:.3f} s after the deactivation began")

    run(scenario)


async def within_a_second(page: Page, call: Call, act: Callable[[], object]) -> Frame:
    """The page is out of the call within a second from the commit on."""
    await in_thread(act)
    committed = time.monotonic()
    told = await page.until(lambda frame: frame["type"] == "call_gone" and frame["call"] == call.pk)
    took = time.monotonic() - committed
    print(f"\nout of the call {took:.3f} s after the commit")
    assert took < PROMISED + BUSY
    return told
