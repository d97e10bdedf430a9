"""The heartbeats of pages in calls: collected in the process, stored once a second for all of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.models import Call, Participant
from calls.snapshots import snapshot
from worksbridge.live.database import in_thread
from worksbridge.live.page import Page
from worksbridge.live.periodic import every

State = Participant.State


@dataclass(frozen=True)
class Heartbeat:
    """A page that says it is in a call, and the revision of it that it knows."""

    call_id: int
    member_id: int
    device: UUID
    rev: int


_beats: dict[Heartbeat, Page] = {}


def note(beat: Heartbeat, socket: Page) -> None:
    """The page behind `socket` is alive; within a second it gets what it missed."""
    _beats[beat] = socket


@every(1)
async def store_beats() -> None:
    """Store the heartbeats of the last second, and answer pages that are behind."""
    if not _beats:
        return
    beats = dict(_beats)
    _beats.clear()
    for beat, frame in (await in_thread(mark_present, list(beats))).items():
        beats[beat].reply(frame)


def mark_present(beats: list[Heartbeat]) -> dict[Heartbeat, dict[str, Any]]:
    """Mark the pages as seen now. Returns the frames for pages that missed a change or are out of their call.

    A constant number of queries, plus those for the calls that some page missed a change of.
    """
    with transaction.atomic():
        rows = Participant.objects.filter(member__in={beat.member_id for beat in beats}, state=State.JOINED)
        # A locked row is being changed anyway, and this is only a hint: never wait, so never deadlock.
        alive = {(beat.call_id, beat.member_id, beat.device) for beat in beats}
        locked = rows.select_for_update(skip_locked=True).values_list("pk", "call_id", "member_id", "device")
        seen = [pk for pk, *one in locked if tuple(one) in alive]
        Participant.objects.filter(pk__in=seen).update(seen_at=timezone.now())
    return _answers(beats)


def _answers(beats: list[Heartbeat]) -> dict[Heartbeat, dict[str, Any]]:
    calls = Call.objects.filter(pk__in={beat.call_id for beat in beats}).select_related("room").in_bulk()
    inside = {
        (one.call_id, one.member_id): one
        for one in Participant.objects.filter(call__in=calls, member__in={beat.member_id for beat in beats})
    }
    answers: dict[Heartbeat, dict[str, Any]] = {}
    for beat in beats:
        call, one = calls.get(beat.call_id), inside.get((beat.call_id, beat.member_id))
        if call is None or one is None or one.withheld:
            answers[beat] = _gone(beat, "over")
        elif one.state != State.JOINED or one.device != beat.device:
            answers[beat] = _gone(beat, _why(call, one))
        elif call.rev > beat.rev:
            answers[beat] = {"type": "call", "call": snapshot(call)}
    return answers


def _why(call: Call, one: Participant) -> str:
    if call.ended_at is not None:
        return "over"
    if one.state == State.JOINED:
        return "moved"
    return "lost" if one.lost_at is not None else "excluded"


def _gone(beat: Heartbeat, reason: str) -> dict[str, Any]:
    return {"type": "call_gone", "call": beat.call_id, "device": str(beat.device), "reason": reason}
