"""After a call: its system message in the room, and a notification for those who missed it."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.notify import notify
from calls.access import lock
from calls.models import Call, Participant
from calls.system_messages import call_ended
from contacts.models import Block
from messaging.actions.change import RoomChange
from messaging.models import Room
from worksbridge.transactions import retried

Outcome = Call.Outcome
MISSED = {Outcome.NO_ANSWER, Outcome.CANCELLED, Outcome.BUSY}


def tell(call: Call) -> None:
    """Write the system message of an ended call and notify those who missed it. Its room is locked."""
    people = list(Participant.objects.filter(call=call).select_related("member"))
    kept_from = [one.member_id for one in people if one.withheld]
    blockers = Block.objects.blockers_of([call.started_by_id])[call.started_by_id]
    change = RoomChange([call.room])
    # No one in particular ends a group call, but members who blocked the caller never heard of its start.
    change.system(call.room_id, call_ended(call), kept_from={*kept_from, *blockers})
    change.save(refresh=False)
    call.told_at = timezone.now()
    call.save(update_fields=["told_at"])
    if call.room.kind == Room.Kind.DIRECT and call.outcome in MISSED:
        unheard = [one for one in people if one.joined_at is None and not one.withheld]
        missed = [one.member for one in unheard if one.member_id not in blockers]
        notify(missed, "call.missed", {"text": _missed_text(call)}, url=f"/messages/{call.room_id}/")


@retried
def tell_ended(call_id: int) -> None:
    """The same for a call that ended in a transaction that held its room; doing it twice changes nothing."""
    rooms = Call.objects.filter(pk=call_id).values("room")
    room = Room.objects.locked().get(pk__in=rooms)
    call = lock(call_id)
    call.room = room
    if call.ended_at is not None and call.told_at is None:
        tell(call)


def _missed_text(call: Call) -> str:
    who = call.started_by
    name = who.name
    if who.company is not None and call.room.is_external:
        name = f"{who.name} ({who.company.name})"
    if call.kind == Call.Kind.VIDEO:
        return _("You missed a video call from %s.") % name
    return _("You missed a voice call from %s.") % name
