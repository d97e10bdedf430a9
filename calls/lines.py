"""What a room keeps of a call, in sentences."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from calls.models import Call
from messaging.lines import Line, line
from messaging.models import Room

Outcome = Call.Outcome
_KINDS = {Call.Kind.VOICE: "voice call", Call.Kind.VIDEO: "video call"}
_WHY = {
    Outcome.NO_ANSWER: "no answer",
    Outcome.DECLINED: "declined",
    Outcome.CANCELLED: "cancelled",
    Outcome.BUSY: "busy",
}
MINUTE = 60


def length_text(seconds: int) -> str:
    """`192` as "3 min 12 s"."""
    minutes, rest = divmod(seconds, MINUTE)
    if minutes >= MINUTE:
        hours, minutes = divmod(minutes, MINUTE)
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def started_line(call: Call) -> Line:
    """A group call has begun."""
    return _marked(call, line("{by} started a {kind}", by=call.started_by, kind=_kind(call)))


def ended_line(call: Call) -> Line:
    """A call has ended: with its length, or why there was none."""
    kind = _kind(call)
    if call.room.kind == Room.Kind.GROUP:
        if call.seconds is None:
            return _marked(call, line("The {kind} ended; nobody joined", kind=kind))
        return _marked(call, line("The {kind} ended after {length}", kind=kind, length=length_text(call.seconds)))
    said = _WHY.get(Outcome(call.outcome), "ended") if call.seconds is None else length_text(call.seconds)
    return _marked(call, line("{kind} from {by}: {how}", kind=kind.capitalize(), by=call.started_by, how=said))


def _kind(call: Call) -> str:
    return _KINDS[Call.Kind(call.kind)]


def _marked(call: Call, said: Line) -> Line:
    html = format_html(
        '<span class="call-line" data-call="{}" data-kind="{}" data-outcome="{}" data-caller="{}">{}</span>',
        call.pk,
        call.kind,
        call.outcome,
        call.started_by_id,
        # The sentence was escaped where it was made.
        mark_safe(said.html),  # noqa: S308
    )
    return Line(said.body, str(html), said.people)
