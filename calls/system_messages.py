"""The system messages about calls."""

from django.utils.translation import gettext_lazy as _

from calls.models import Call
from messaging.message.sentences import declare
from messaging.message.system import Seconds, SystemMessage, Word
from messaging.models import Room

Outcome = Call.Outcome
declare(
    {
        "call.started.voice": _("{by} started a voice call"),
        "call.started.video": _("{by} started a video call"),
        "call.ended.voice": _("The voice call ended after {length}"),
        "call.ended.video": _("The video call ended after {length}"),
        "call.alone.voice": _("The voice call ended; no one joined"),
        "call.alone.video": _("The video call ended; no one joined"),
        "call.direct.voice": _("Voice call from {by}: {how}"),
        "call.direct.video": _("Video call from {by}: {how}"),
        "call.outcome.no_answer": _("no answer"),
        "call.outcome.declined": _("declined"),
        "call.outcome.cancelled": _("cancelled"),
        "call.outcome.busy": _("busy"),
        "call.outcome.ended": _("ended"),
    }
)
# Outcomes with a word of their own; all others are "ended".
_NAMED = {Outcome.NO_ANSWER, Outcome.DECLINED, Outcome.CANCELLED, Outcome.BUSY}


def call_started(call: Call) -> SystemMessage:
    """A group call has begun."""
    return SystemMessage(f"call.started.{call.kind}", about=_about(call), by=call.started_by)


def call_ended(call: Call) -> SystemMessage:
    """A call has ended: with its length, or why there was none."""
    if call.room.kind != Room.Kind.GROUP:
        outcome = call.outcome if call.outcome in _NAMED else Outcome.ENDED
        how = Word(f"call.outcome.{outcome}") if call.seconds is None else Seconds(call.seconds)
        return SystemMessage(f"call.direct.{call.kind}", about=_about(call), by=call.started_by, how=how)
    if call.seconds is None:
        return SystemMessage(f"call.alone.{call.kind}", about=_about(call))
    return SystemMessage(f"call.ended.{call.kind}", about=_about(call), length=Seconds(call.seconds))


def _about(call: Call) -> dict[str, object]:
    """What a page shows beside the sentence, and which call it is."""
    return {"call": {"id": call.pk, "kind": call.kind, "outcome": call.outcome, "caller": call.started_by_id}}
