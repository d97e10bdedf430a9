"""Signs of life of pages in calls, against a real web process: what they keep, what they tell, what ends without."""

import asyncio
import json
import time

import pytest

from accounts.models import User
from calls.models import Call, Participant
from messaging.models import Room
from tests.cast import Cast
from tests.live.call_pages import MISSING, Frame, Page, Pages, call_is, join, of_calls, reloads, start
from tests.live.test_socket import run
from tests.live.web import Start
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def test_i34_a_ring_ends_by_itself_and_the_caller_is_told(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web(CALLS_RING_SECONDS="2", CALLS_LOST_SECONDS="1.5", CALLS_RECOVER_SECONDS="30")

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato = await pages.open(cast.kim, cast.sato)
            call = await start(room, cast.kim, kim)
            await sato.until(reloads("ringing"))
            beats = asyncio.create_task(beat(kim, call))
            ended = await kim.until(call_is(id=call.pk, state="ended"))
            beats.cancel()
            assert ended["call"]["outcome"] == "no_answer"
            assert {one["state"] for one in ended["call"]["people"]} == {"left", "missed"}
            await sato.until(reloads("ringing"))
            notice = await sato.until(lambda frame: frame["type"] == "notice")
            assert "missed a voice call" in notice["html"]

    run(scenario)


async def beat(page: Page, call: Call, every: float = 0.5) -> None:
    """The page's signs of life, knowing everything."""
    while True:
        await page.send(type="in_call", call=call.pk, device=str(page.device), rev=10**6)
        await asyncio.sleep(every)


def test_i35_signs_of_life_keep_a_call_and_their_end_ends_it(cast: Cast, start_web: Start, room: Room) -> None:
    # The clock of calls looks every two seconds: with less between the two, one look can find her lost and given up.
    web = start_web(CALLS_LOST_SECONDS="2", CALLS_RECOVER_SECONDS="8", LIVE_RATE_FACTOR="10")

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato = await pages.open(cast.kim, cast.sato)
            call = await start(room, cast.kim, kim)
            await join(call, cast.sato, sato)
            await kim.until(call_is(id=call.pk, state="live"))
            beats = {page: asyncio.create_task(beat(page, call)) for page in (kim, sato)}
            try:
                # Much longer than a page may be silent.
                assert of_calls(await kim.settle(4.5)) == []
                assert (await in_thread(_row, call)).ended_at is None
                beats.pop(sato).cancel()
                silent = time.monotonic()
                lost = await kim.until(lambda frame: frame["type"] == "call" and _lost(frame, cast.sato))
                assert lost["call"]["state"] == "live"
                ended = await kim.until(call_is(id=call.pk, state="ended"))
                took = time.monotonic() - silent
                assert ended["call"]["outcome"] == "ended"
                print(f"\nthe call ended {took:.1f} s after the last sign of life, of 8 s to wait")
                assert took < 20
                # A page that comes back late is told that it is over.
                await sato.send(type="in_call", call=call.pk, device=str(sato.device), rev=1)
                gone = await sato.until(lambda frame: frame["type"] == "call_gone" and frame["reason"] == "over")
                assert (gone["call"], gone["device"]) in ((call.pk, str(sato.device)), (call.pk, None))
            finally:
                for task in beats.values():
                    task.cancel()

    run(scenario)


def _lost(frame: Frame, member: User) -> bool:
    return any(one["lost"] for one in frame["call"]["people"] if one["member"] == member.pk)


def _row(call: Call) -> Call:
    return Call.objects.get(pk=call.pk)


def test_a_page_that_is_behind_or_out_learns_it_by_its_sign_of_life(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web()

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato, second, lee = await pages.open(cast.kim, cast.sato, cast.sato, cast.lee)
            call = await start(room, cast.kim, kim)
            await join(call, cast.sato, sato)
            for page in (kim, sato, second):
                await page.settle()
            seen_at = (await in_thread(_participant, call, cast.kim)).seen_at
            await kim.send(type="in_call", call=call.pk, device=str(kim.device), rev=0)
            known = (await kim.until(call_is(id=call.pk, state="live")))["call"]
            assert (await in_thread(_participant, call, cast.kim)).seen_at > seen_at
            await kim.send(type="in_call", call=call.pk, device=str(kim.device), rev=known["rev"])
            assert of_calls(await kim.settle(1.5)) == []
            # What is switched on is told to the other page, with a new revision.
            status = {"type": "call_status", "call": call.pk, "device": str(kim.device)}
            await kim.send(**status, mic=False, camera=True, screen=True)
            told = (await sato.until(lambda frame: frame["type"] == "call" and frame["call"]["rev"] > known["rev"]))[
                "call"
            ]
            mine = next(one for one in told["people"] if one["member"] == cast.kim.pk)
            assert (mine["mic"], mine["camera"], mine["screen"]) == (False, True, True)
            flags = {"mic": True, "camera": True, "screen": False}
            for page, frame in (
                (second, status | {"device": str(second.device)}),
                (second, status),
                (lee, status),
                (lee, status | {"call": MISSING}),
            ):
                answer = await page.refused(**frame | flags)
                assert answer["code"] == "not_found"
            # A page that was moved from, and was not told.
            await join(call, cast.sato, second, move=True)
            moved = await sato.until(lambda frame: frame["type"] == "call_gone")
            assert (moved["device"], moved["reason"]) == (str(sato.device), "moved")
            await sato.settle(0.1)
            await sato.send(type="in_call", call=call.pk, device=str(sato.device), rev=0)
            again = await sato.until(lambda frame: frame["type"] == "call_gone")
            assert (again["device"], again["reason"]) == (str(sato.device), "moved")
            # A stranger learns nothing, and keeps nobody alive.
            answers = []
            for pk in (call.pk, MISSING):
                await lee.send(type="in_call", call=pk, device=str(kim.device), rev=0)
                answer = await lee.until(lambda frame: frame["type"] in ("call_gone", "nack", "call"))
                assert answer.pop("call", pk) == pk
                answers.append(answer)
            assert answers[0] == answers[1]
            assert "people" not in json.dumps(answers)

    run(scenario)


def _participant(call: Call, member: User) -> Participant:
    return Participant.objects.get(call=call, member=member)
