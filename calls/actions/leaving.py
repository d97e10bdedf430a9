"""Hanging up, declining, and pages that are gone."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import User
from calls.access import locked_call
from calls.actions.changes import Change
from calls.models import Call, Participant
from worksbridge.transactions import retried

State = Participant.State
Outcome = Call.Outcome
# How long the others wait for a page that said it is being closed: a reload comes back within it. In seconds.
RELOAD = 6


@retried
def leave_call(*, member: User, call_id: int, device: UUID, closed: bool = False) -> None:
    """`member` hangs up with their page `device`; another of their pages, or twice, changes nothing.

    A 1:1 call ends, or is cancelled when no one had answered. `closed`: the page is going away, by a reload
    perhaps, so the call waits a moment. Raises NotFound for a call that is not theirs.
    """
    call = locked_call(member, call_id)
    change = Change(call)
    one = change.of(member.pk)
    if call.ended_at is not None or one is None or one.state != State.JOINED or one.device != device:
        return
    if closed:
        change.lose(one, seen_at=change.now - timedelta(seconds=max(0, settings.CALLS_RECOVER_SECONDS - RELOAD)))
        change.settle()
    elif change.is_direct:
        change.end(Outcome.CANCELLED if call.answered_at is None else Outcome.ENDED)
    else:
        change.leave(one)
        change.settle()
    change.finish()


@retried
def decline_call(*, member: User, call_id: int) -> None:
    """`member` declines the call that rings for them; nothing changes when it no longer rings.

    Raises NotFound for a call that is not theirs.
    """
    call = locked_call(member, call_id)
    change = Change(call)
    one = change.of(member.pk)
    if call.ended_at is not None or one is None or one.state != State.RINGING:
        return
    change.answer(one, State.DECLINED)
    change.end(Outcome.DECLINED)
    change.finish()
