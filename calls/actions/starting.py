"""Starting a call: it rings the other person of a 1:1 room, and waits in a group room."""

from django.utils import timezone

from accounts.models import User
from calls.access import live_call_in, lock
from calls.actions.changes import Change
from calls.actions.joining import enter, free_elsewhere, in_one_call, join_call, require_free
from calls.device import Device
from calls.errors import Over
from calls.models import Call, Participant
from calls.policies import require_may_call
from calls.pushes import push_started
from calls.system_messages import call_started
from contacts.models import Block
from messaging.access import locked_room
from messaging.actions.change import RoomChange
from messaging.models import Room
from worksbridge.transactions import retried

State = Participant.State


def start_call(
    *,
    member: User,
    room_id: int,
    kind: str,
    device: Device,
    move: bool = False,
) -> Call:
    """`member` calls into a room with their page `device`. Returns the call, which they are in.

    `move` takes a call over from another page of theirs.

    When two people call each other at the same time, or a call is already live, the live call is returned. Calling
    someone who is in another call returns a call that ended with "busy". For someone who has blocked the caller
    nothing rings, but the caller sees it ring. Raises NotFound, Refused with the reason, InCall, Elsewhere, Full.
    """
    for _attempt in range(2):
        call, made = _start(member=member, room_id=room_id, kind=kind, device=device)
        if made:
            return call
        try:
            return join_call(member=member, call_id=call.pk, device=device, move=move)
        except Over:
            # It ended in between: then there is room for a new one.
            continue
    raise Over


@in_one_call
@retried
def _start(*, member: User, room_id: int, kind: str, device: Device) -> tuple[Call, bool]:
    room = locked_room(member, room_id)
    require_may_call(member, room)
    call = live_call_in(room)
    if call is not None:
        _forgive(call, member)
        return call, False
    require_free(member)
    return _make(room, member, Call.Kind(kind), device), True


def _make(room: Room, member: User, kind: str, device: Device) -> Call:
    call = Call.objects.create(room=room, kind=kind, started_by=member, started_at=timezone.now())
    change = Change(call, [])
    enter(change, change.add(member, State.LEFT), device)
    if (other := room.other_than(member)) is not None:
        _ring(change, other)
    change.finish()
    if call.ended_at is None and not change.is_direct:
        said = RoomChange([room])
        said.system(room.pk, call_started(call))
        said.save(refresh=False)
        push_started(call, room.name)
    if call.ended_at is None:
        free_elsewhere(member)
    return call


def _ring(change: Change, other: User) -> None:
    """Ring the other person, unless they have blocked the caller or are in another call."""
    withheld = Block.objects.filter(blocker=other, blocked=change.call.started_by).exists()
    busy = Participant.objects.filter(member=other, state=State.JOINED).exists()
    one = change.add(other, State.RINGING, withheld=withheld)
    if busy and not withheld:
        change.answer(one, State.BUSY)
        change.end(Call.Outcome.BUSY)


def _forgive(call: Call, member: User) -> None:
    """A ring that was withheld from `member`, who calls now themselves and no longer blocks: it is theirs to answer."""
    withheld = Participant.objects.filter(call=lock(call.pk), member=member, withheld=True)
    withheld.update(withheld=False)
