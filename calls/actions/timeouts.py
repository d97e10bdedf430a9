"""Time-outs: unanswered rings, lost pages, and calls that no one joins."""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from calls.access import lock
from calls.actions.changes import Change
from calls.actions.telling import tell_ended
from calls.models import Call, Participant
from calls.pushes import push_ringing
from calls.snapshots import ring_until
from messaging.models import Room
from worksbridge.transactions import retried

logger = logging.getLogger(__name__)
State = Participant.State
Outcome = Call.Outcome
# A call that ended in a transaction that closed more than the call is told of right after it; later than this (in
# seconds) its process has ended in between.
TOLD_WITHIN = 5


def end_overdue(now: datetime | None = None) -> None:
    """End or repair all live calls that are overdue at `now`, each in its own transaction.

    Several processes may do this concurrently.
    """
    moment = now or timezone.now()
    for call_id, room_id in _needing(moment):
        _alone(call_id, functools.partial(_tend, call_id=call_id, room_id=room_id, now=moment))
    untold = Call.objects.filter(told_at=None, ended_at__lt=moment - timedelta(seconds=TOLD_WITHIN))
    for call_id in list(untold.values_list("pk", flat=True)):
        _alone(call_id, functools.partial(tell_ended, call_id))


def _alone(call_id: int, work: Callable[[], None]) -> None:
    """Do `work` for one call; an error does not stop the others."""
    try:
        work()
    except (OperationalError, InterfaceError):
        # The database itself is away: so it is for all of them.
        raise
    except Exception:
        logger.exception("call %s could not be tended", call_id)


def ring_again() -> None:
    """Push once more to everyone for whom something rings: the first push may have been lost."""
    ringing = Participant.objects.filter(state=State.RINGING, withheld=False)
    push_ringing(list(ringing.values_list("member_id", flat=True)))


def _needing(now: datetime) -> list[tuple[int, int]]:
    """The live calls in which something is overdue, with their rooms: each query finds its few rows by an index."""
    live = Call.objects.live()
    inside = Participant.objects.of_live_calls()
    rings = live.filter(answered_at=None, started_at__lt=now - _seconds(settings.CALLS_RING_SECONDS))
    lost = inside.filter(state=State.JOINED, seen_at__lt=_lost_since(now))
    waiting = inside.filter(lost_at__isnull=False, seen_at__lt=_awaited_since(now))
    gone = inside.filter(state__in=[State.RINGING, State.JOINED], member__is_active=False)
    found = dict(rings.filter(room__kind=Room.Kind.DIRECT).values_list("pk", "room_id"))
    for some in (lost, waiting, gone):
        found |= dict(some.values_list("call_id", "call__room_id"))
    return sorted(found.items())


@retried
def _tend(*, call_id: int, room_id: int, now: datetime) -> None:
    room = Room.objects.locked().get(pk=room_id)
    call = lock(call_id)
    call.room = room
    if call.ended_at is not None:
        return
    change = Change(call, now=now)
    before = [(one.state, one.lost_at) for one in change.people]
    _apply(change)
    if call.ended_at is not None or before != [(one.state, one.lost_at) for one in change.people]:
        change.finish()


def _apply(change: Change) -> None:
    for one in change.people:
        if one.state == State.JOINED and one.seen_at is not None and one.seen_at < _lost_since(change.now):
            change.lose(one)
        if not one.member.is_active:
            change.bar(one)
        elif one.lost_at and one.seen_at and one.seen_at < _awaited_since(change.now):
            change.give_up(one)
    call = change.call
    if call.state == "ringing" and ring_until(call) <= change.now:
        change.end(Outcome.NO_ANSWER)
    change.settle()


def _lost_since(now: datetime) -> datetime:
    return now - _seconds(settings.CALLS_LOST_SECONDS)


def _awaited_since(now: datetime) -> datetime:
    return now - _seconds(settings.CALLS_RECOVER_SECONDS)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
