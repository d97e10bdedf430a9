"""Signals over the socket, against a real web process: between whom they pass, which are refused, and how many."""

import asyncio
import json

import pytest

from calls.actions.leaving import leave_call
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.cast import Cast
from tests.live.bad_signals import GOOD_DATA, bad_frames
from tests.live.call_pages import MISSING, Pages, call_is, join, of_calls, offer, start
from tests.live.test_socket import PATIENCE, run
from tests.live.web import Start
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def test_i33_i37_signals_pass_only_between_pages_that_are_in_the_call(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web()

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato, second, lee, tran = await pages.open(cast.kim, cast.sato, cast.sato, cast.lee, cast.tran)
            call = await start(room, cast.kim, kim)
            to_sato, to_kim = (cast.sato.pk, sato.device), (cast.kim.pk, kim.device)
            # Nothing before it is accepted, in neither direction (I37).
            assert (await kim.refused(**offer(call.pk, kim, *to_sato)))["code"] == "not_found"
            assert (await sato.refused(**offer(call.pk, sato, *to_kim)))["code"] == "not_found"
            await join(call, cast.sato, sato)
            await kim.until(call_is(id=call.pk, state="live"))
            data = {"description": {"type": "offer", "sdp": "v=0\r\ns=first\r\n"}}
            await kim.send(**offer(call.pk, kim, *to_sato, **data))
            for page in (sato, second):
                got = await page.until(lambda frame: frame["type"] == "signal")
                pages_meant = {"device": str(kim.device), "to_device": str(sato.device)}
                assert got == {"type": "signal", "call": call.pk, "from": cast.kim.pk, "data": data} | pages_meant
            candidates = [
                {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0},
                {"candidate": "", "sdpMid": None, "sdpMLineIndex": None, "usernameFragment": None},
            ]
            await sato.send(**offer(call.pk, sato, *to_kim, candidates=candidates))
            assert (await kim.until(lambda frame: frame["type"] == "signal"))["data"] == {"candidates": candidates}
            # From a page that is not in it, to one that is not, to oneself, to a third person, from strangers.
            wrong = [
                (second, offer(call.pk, second, *to_kim)),
                (kim, offer(call.pk, kim, cast.sato.pk, second.device)),
                (kim, offer(call.pk, kim, cast.kim.pk, kim.device)),
                (kim, offer(call.pk, kim, cast.lee.pk, lee.device)),
                (kim, offer(call.pk, kim, cast.lee.pk, sato.device)),
                (kim, offer(call.pk, lee, *to_sato)),
                (kim, offer(MISSING, kim, *to_sato)),
            ]
            answers = [await page.refused(**frame) for page, frame in wrong]
            for stranger in (lee, tran):
                answers += [await stranger.refused(**offer(pk, kim, *to_sato)) for pk in (call.pk, MISSING)]
                answers += [await stranger.refused(**offer(pk, stranger, *to_kim)) for pk in (call.pk, MISSING)]
            for answer in answers:
                # The page knows which of its calls it is about.
                assert isinstance(answer.pop("call"), int)
            assert answers == [answers[0]] * len(answers)
            assert answers[0]["code"] == "not_found"
            device = kim.device
            await in_thread(lambda: leave_call(member=cast.kim, call_id=call.pk, device=device))
            await sato.until(call_is(id=call.pk, state="ended"))
            assert (await sato.refused(**offer(call.pk, sato, *to_kim)))["code"] == "not_found"
            assert (await kim.refused(**offer(call.pk, kim, *to_sato)))["code"] == "not_found"
            for page in (lee, tran):
                assert of_calls(await page.settle(0.1)) == []
            assert not [frame for frame in await second.settle(0.1) if frame["type"] == "signal"]

    run(scenario)


def test_i26_every_malformed_signal_is_answered_and_goes_nowhere(cast: Cast, start_web: Start, room: Room) -> None:
    web = start_web(LIVE_RATE_FACTOR="100")

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato = await pages.open(cast.kim, cast.sato)
            call = await start(room, cast.kim, kim)
            await join(call, cast.sato, sato)
            await sato.settle()
            good = offer(call.pk, kim, cast.sato.pk, sato.device)
            wrong = {}
            for name, frame in bad_frames(good).items():
                try:
                    answer = await asyncio.wait_for(kim.refused(**frame), PATIENCE)
                except TimeoutError:
                    wrong[name] = "no answer"
                    continue
                if answer["code"] != "bad_frame":
                    wrong[name] = answer["code"]
            passed = [frame["data"] for frame in await sato.settle() if frame["type"] == "signal"]
            assert (wrong, passed) == ({}, [])
            for data in GOOD_DATA:
                await kim.send(**good | {"data": data, "more": "is ignored"})
                assert (await sato.until(lambda frame: frame["type"] == "signal"))["data"] == data
            # Too long altogether.
            await kim.socket.send(json.dumps(good | {"more": "x" * 200_000}))
            assert (await kim.until(lambda frame: frame["type"] == "nack"))["code"] == "too_large"

    run(scenario)


def test_i26_i38_a_page_that_signals_too_fast_is_told_to_wait_and_harms_nobody(
    cast: Cast, start_web: Start, room: Room
) -> None:
    # So few that a machine that takes ten a second shows it too.
    web = start_web(LIVE_RATE_FACTOR="0.1")
    other = open_direct_room(member=cast.lee, other=cast.ito)

    async def scenario() -> None:
        async with Pages(web) as pages:
            kim, sato, lee, ito = await pages.open(cast.kim, cast.sato, cast.lee, cast.ito)
            call, quiet = await start(room, cast.kim, kim), await start(other, cast.lee, lee)
            await join(call, cast.sato, sato)
            await join(quiet, cast.ito, ito)
            frame = json.dumps(offer(call.pk, kim, cast.sato.pk, sato.device))
            for _signal in range(150):
                await kim.socket.send(frame)
            nack = await kim.until(lambda found: found["type"] == "nack")
            assert (nack["code"], nack["retry"]) == ("too_many", True)
            await lee.send(**offer(quiet.pk, lee, cast.ito.pk, ito.device))
            await ito.until(lambda found: found["type"] == "signal")

    run(scenario)
