"""Joining a call, which answers one that rings."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from calls import janus
from calls.access import call_of, locked_call
from calls.actions.changes import Change
from calls.device import Device
from calls.errors import Elsewhere, Full, InCall, Over
from calls.models import Call, Participant
from calls.policies import require_may_call
from federation.gate import refusing
from worksbridge.transactions import give_back_connection, retried

State = Participant.State
P = ParamSpec("P")
R = TypeVar("R")
ONE_CALL = "participant_in_one_call"


def in_one_call(function: Callable[P, R]) -> Callable[P, R]:
    """Raises InCall instead of the database's error when a member joins two calls at the same moment."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with refusing():
                return function(*args, **kwargs)
        except IntegrityError as error:
            if ONE_CALL not in str(error):
                raise
            raise InCall from error

    return run


def join_call(*, member: User, call_id: int, device: Device, move: bool = False) -> Call:
    """Put `member` into the call with their page `device`. Returns the call; doing it twice changes nothing.

    With `move` it is taken over from another page of theirs. Raises
    NotFound, Over for a late answer, Elsewhere, InCall, Full with the reason, Refused, and janus.Unavailable.
    """
    if _needs_janus(call_of(member.pk, call_id), member):
        give_back_connection()
        janus.ensure_room(call_id)
    return _join(member=member, call_id=call_id, device=device, move=move)


@in_one_call
@retried
def _join(*, member: User, call_id: int, device: Device, move: bool) -> Call:
    call = locked_call(member, call_id)
    if call.ended_at is not None:
        raise Over
    require_may_call(member, call.room)
    change = Change(call)
    one = change.of(member.pk) or change.add(member, State.LEFT)
    if one.state == State.JOINED and one.device == device.id:
        return call
    if one.state == State.JOINED and not move:
        raise Elsewhere
    require_free(member, but=call)
    _require_place(change, one)
    enter(change, one, device)
    change.save()
    free_elsewhere(member)
    return call


def enter(change: Change, one: Participant, device: Device) -> None:
    """Let `one` in; from the fifth person on media go through Janus."""
    change.join(one, device)
    if len(change.joined) > settings.CALLS_MESH:
        change.call.mode = Call.Mode.SFU


def require_free(member: User, but: Call | None = None) -> None:
    """Raises InCall when `member` is in a call other than `but`."""
    elsewhere = Participant.objects.filter(member=member, state=State.JOINED)
    if elsewhere.exclude(call=but).exists():
        raise InCall


def free_elsewhere(member: User) -> None:
    """Tell other callers of `member` after the commit that `member` is busy."""
    ringing = Participant.objects.filter(member=member, state=State.RINGING, withheld=False)
    for call_id in ringing.values_list("call_id", flat=True):
        transaction.on_commit(functools.partial(say_busy, member=member, call_id=call_id), robust=True)


@retried
def say_busy(*, member: User, call_id: int) -> None:
    """`member` is in another call, so this one stops ringing for them. Does nothing when it no longer rings."""
    call = locked_call(member, call_id)
    change = Change(call)
    one = change.of(member.pk)
    busy = Participant.objects.filter(member=member, state=State.JOINED).exists()
    if call.ended_at is not None or one is None or one.state != State.RINGING or not busy:
        return
    change.answer(one, State.BUSY)
    change.end(Call.Outcome.BUSY)
    change.finish()


def _needs_janus(call: Call, member: User) -> bool:
    others = Participant.objects.filter(call=call, state=State.JOINED).exclude(member=member).count()
    return janus.configured() and call.ended_at is None and others >= settings.CALLS_MESH


def _require_place(change: Change, one: Participant) -> None:
    others = len([other for other in change.joined if other is not one])
    if others >= settings.CALLS_MOST:
        raise Full(_("This call is full: %s people are in it.") % settings.CALLS_MOST)
    if others >= settings.CALLS_MESH and not janus.configured():
        raise Full(
            _("%s people are in this call. For more, the WorksBridge operator has to set up a media server.")
            % settings.CALLS_MESH
        )
