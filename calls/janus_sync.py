"""Keeps Janus in step with calls: people who left a call leave its room there, and an ended call's room is removed."""

import functools
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from calls import janus
from calls.models import Call, Participant

logger = logging.getLogger(__name__)
# How far back calls are looked through whose room Janus may have kept, in seconds.
LOOK_BACK = 120
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="janus")


def follow(call: Call, feeds: Sequence[int]) -> None:
    """After the commit put these feeds out of the call's room, or remove it when the call has ended.

    This never waits for Janus: `reconcile` repeats whatever it missed.
    """
    if call.mode == Call.Mode.SFU and (feeds or call.ended_at is not None):
        work = functools.partial(_step, call.pk, tuple(feeds), ended=call.ended_at is not None)
        transaction.on_commit(lambda: _threads.submit(work), robust=True)


def _step(call_id: int, feeds: Sequence[int], *, ended: bool) -> None:
    try:
        _tell(call_id, feeds, ended=ended)
    except janus.Unavailable as error:
        logger.warning("Janus could not be told of call %s: %s", call_id, error)


def _tell(call_id: int, feeds: Sequence[int], *, ended: bool) -> None:
    if ended:
        janus.remove_room(call_id)
    for feed in feeds:
        janus.expel(call_id, feed)


def reconcile() -> None:
    """Kick participants from Janus who are no longer in the call, and remove the rooms of ended calls.

    When Janus does not answer, the round ends: the next one begins again.
    """
    if not janus.configured():
        return
    since = timezone.now() - timedelta(seconds=LOOK_BACK)
    through = Call.objects.filter(mode=Call.Mode.SFU)
    try:
        for call_id in through.filter(ended_at__gt=since).values_list("pk", flat=True):
            _tell(call_id, (), ended=True)
        for call_id in through.live().values_list("pk", flat=True):
            _expel_strangers(call_id)
    except janus.Unavailable as error:
        logger.warning("Janus does not answer: %s", error)


def _expel_strangers(call_id: int) -> None:
    there = set(janus.participants(call_id))
    # Asked after Janus: who joined in between is not put out.
    joined = Participant.objects.filter(call=call_id, state=Participant.State.JOINED)
    _tell(call_id, sorted(there - set(joined.values_list("feed", flat=True))), ended=False)
