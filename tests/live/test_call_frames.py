"""Calls over the socket, against a real web process: rings, signals, signs of life, and what ends a call at once."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import pytest

from accounts.actions.members import deactivate_member
from accounts.models import User
from calls.actions.joining import join_call
from calls.actions.leaving import leave_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call, Participant
from contacts.actions.block import block_external_user
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.calls.ring import without_media_servers
from tests.cast import Cast
from tests.live.test_socket import PATIENCE, connect, run, session_of
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
MISSING = 987_654_321
# What is promised, and how much longer it may take where everything runs on one busy machine; a push that is lost takes
# ten seconds. In seconds.
PROMISED, BUSY = 1, 4
NO_MEDIA_SERVERS = dict.fromkeys(
    ("JANUS_URL", "JANUS_ADMIN_URL", "JANUS_ADMIN_SECRET", "JANUS_TOKEN_SECRET", "TURN_URLS", "TURN_SECRET"), ""
)
Frame = dict[str, Any]
Start = Callable[..., WebProcess]


@pytest.fixture
def start_web(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Start]:
    """Starts a web process with this environment; what the test itself pushes reaches it too."""
    without_media_servers(settings)
    started: list[WebProcess] = []

    def start(**environment: str) -> WebProcess:
        process = WebProcess(tmp_path / "web.log", **NO_MEDIA_SERVERS, **environment)
        layer = settings.CHANNEL_LAYERS["default"]
        prefix = {"prefix": process.channel_prefix}
        settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


class Page:
    """A page of a member with its socket: what it sends, and all it has heard."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.device = uuid4()
        self.heard: list[Frame] = []

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def until(self, wanted: Callable[[Frame], bool], seconds: float = PATIENCE) -> Frame:
        """The next frame that is the one meant."""
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await self.socket.recv())
                self.heard.append(frame)
                if wanted(frame):
                    return frame

    async def settle(self, seconds: float = 0.6) -> list[Frame]:
        """All frames that were sent to the page before now, and in the moment after it."""
        known = len(self.heard)
        await asyncio.sleep(seconds)
        await self.send(type="heartbeat", rooms=[])
        await self.until(lambda frame: frame["type"] == "heads")
        return [frame for frame in self.heard[known:] if frame["type"] != "heads"]

    async def refused(self, **frame: Any) -> Frame:
        """The page's answer to a refused frame."""
        await self.send(**frame)
        return await self.until(lambda found: found["type"] == "nack")


class Pages:
    """Opens pages, and closes them all at the end."""

    def __init__(self, web: WebProcess) -> None:
        self.web = web
        self._open: list[Any] = []

    async def open(self, *people: User) -> list[Page]:
        """A page for each, which has heard what was on its way before."""
        found = []
        for session in [await in_thread(session_of, person) for person in people]:
            connection = connect(self.web, session)
            found.append(Page(await connection.__aenter__()))
            self._open.append(connection)
        for page in found:
            await page.settle(0.3)
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        for connection in self._open:
            await connection.__aexit__(*error)


def reloads(part: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["type"] == "reload" and part in frame["parts"]


def call_is(**wanted: Any) -> Callable[[Frame], bool]:
    """A snapshot with these values."""
    return lambda frame: frame["type"] == "call" and all(frame["call"][name] == value for name, value in wanted.items())


def of_calls(frames: list[Frame]) -> list[Frame]:
    """Those that tell of a call, whatever they say."""
    parts = {"ringing", "room-call", "calls"}
    kinds = {"call", "call_gone", "call_started", "signal"}
    return [one for one in frames if one["type"] in kinds or parts & set(one.get("parts", ()))]


async def start(room: Room, caller: User, page: Page, kind: str = "voice") -> Call:
    return await in_thread(lambda: start_call(member=caller, room_id=room.pk, kind=kind, device=Device(page.device)))


async def join(call: Call, member: User, page: Page, **how: Any) -> None:
    await in_thread(lambda: join_call(member=member, call_id=call.pk, device=Device(page.device), **how))


def offer(call: int, page: Page, to: int, to_device: UUID, **data: Any) -> Frame:
    """A signal as pages send it."""
    data = data or {"description": {"type": "offer", "sdp": "v=0\r\n"}}
    devices = {"device": str(page.device), "to_device": str(to_device)}
    return {"type": "signal", "call": call, "to": to, "data": data} | devices


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


SDP = "v=0\r\n" + "a=x\r\n" * 8
CANDIDATE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
# What no page of ours sends: each is answered with bad_frame and goes nowhere.
BAD_DATA: dict[str, Any] = {
    "nothing": {},
    "null": None,
    "a text": "v=0",
    "a list": [],
    "an unknown key": {"bye": {}},
    "both": {"description": {"type": "offer", "sdp": SDP}, "candidates": [CANDIDATE]},
    "a key beside": {"description": {"type": "offer", "sdp": SDP}, "x": 1},
    "no description": {"description": None},
    "description is a text": {"description": SDP},
    "description is a list": {"description": [SDP]},
    "no type": {"description": {"sdp": SDP}},
    "an unknown type": {"description": {"type": "rollback", "sdp": SDP}},
    "provisional": {"description": {"type": "pranswer", "sdp": SDP}},
    "type is a list": {"description": {"type": ["offer"], "sdp": SDP}},
    "no sdp": {"description": {"type": "offer"}},
    "sdp is null": {"description": {"type": "offer", "sdp": None}},
    "sdp is a list": {"description": {"type": "offer", "sdp": ["v=0"]}},
    "sdp is too long": {"description": {"type": "offer", "sdp": "v=0\n" + "x" * 63_997}},
    "no candidates": {"candidates": []},
    "candidates are null": {"candidates": None},
    "candidates are an object": {"candidates": CANDIDATE},
    "21 candidates": {"candidates": [CANDIDATE] * 21},
    "a candidate is a text": {"candidates": ["candidate:1"]},
    "a candidate is null": {"candidates": [CANDIDATE, None]},
    "a candidate is too long": {"candidates": [CANDIDATE | {"candidate": "x" * 501}]},
    "a candidate is a number": {"candidates": [CANDIDATE | {"candidate": 5}]},
    "no candidate in it": {"candidates": [{"sdpMid": "0"}]},
    "an index is a text": {"candidates": [CANDIDATE | {"sdpMLineIndex": "0"}]},
    "an index is negative": {"candidates": [CANDIDATE | {"sdpMLineIndex": -1}]},
    "an index is a flag": {"candidates": [CANDIDATE | {"sdpMLineIndex": True}]},
    "an index is broken": {"candidates": [CANDIDATE | {"sdpMLineIndex": 0.5}]},
    "sdpMid is a number": {"candidates": [CANDIDATE | {"sdpMid": 1}]},
    "sdpMid is zero": {"candidates": [CANDIDATE | {"sdpMid": 0}]},
    "sdpMid is a flag": {"candidates": [CANDIDATE | {"sdpMid": False}]},
    "sdpMid is a list": {"candidates": [CANDIDATE | {"sdpMid": []}]},
    "sdpMid is too long": {"candidates": [CANDIDATE | {"sdpMid": "x" * 501}]},
    "a fragment is an object": {"candidates": [CANDIDATE | {"usernameFragment": {}}]},
    "a fragment is too long": {"candidates": [CANDIDATE | {"usernameFragment": "x" * 501}]},
    "a lone surrogate": {"description": {"type": "offer", "sdp": "v=0\r\n\ud800"}},
    "a lone surrogate in a candidate": {"candidates": [CANDIDATE | {"candidate": "\udfff"}]},
}
BAD_NUMBERS: list[Any] = [None, "1", -1, 1.5, True, 2**63, [], {}]
BAD_DEVICES: list[Any] = [None, "", "x", 5, [], {}, "\x00"]
# As long as they may be.
GOOD_DATA = [
    {"description": {"type": "offer", "sdp": "v=0\n" + "x" * 63_996}},
    {"description": {"type": "answer", "sdp": SDP}},
    {"candidates": [CANDIDATE | {"candidate": "x" * 500, "usernameFragment": "uFrg"}] * 20},
    {"candidates": [{"candidate": "x"}]},
]


def bad_frames(good: Frame) -> dict[str, Frame]:
    """Every frame that is wrong in one way."""
    found = {f"data: {name}": good | {"data": data} for name, data in BAD_DATA.items()}
    found["no data"] = {name: value for name, value in good.items() if name != "data"}
    for name, values in (
        ("call", BAD_NUMBERS),
        ("to", BAD_NUMBERS),
        ("device", BAD_DEVICES),
        ("to_device", BAD_DEVICES),
    ):
        found |= {f"{name}: {value!r}": good | {name: value} for value in values}
    for name, values in (("call", BAD_NUMBERS), ("rev", BAD_NUMBERS), ("device", BAD_DEVICES)):
        beat = {"type": "in_call", "call": good["call"], "device": good["device"], "rev": 1}
        found |= {f"beat {name}: {value!r}": beat | {name: value} for value in values}
    status = {"type": "call_status", "call": good["call"], "device": good["device"]}
    status |= {"mic": True, "camera": True, "screen": True}
    for name in ("mic", "camera", "screen"):
        found |= {f"status {name}: {value!r}": status | {name: value} for value in (None, 1, 0, "true", [])}
    return found


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
