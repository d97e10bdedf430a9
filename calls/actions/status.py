"""What a participant has switched on, for the others to see."""

from uuid import UUID

from calls.access import call_of, lock
from calls.actions.changes import Change
from calls.models import Participant
from worksbridge.errors import NotFound
from worksbridge.transactions import retried


@retried
def set_status(*, member_id: int, call_id: int, device: UUID, mic: bool, camera: bool, screen: bool) -> None:
    """Microphone, camera and screen of the member are on or off. Raises NotFound unless this page is in the call."""
    # Locking the call is enough: no one joins or leaves.
    call = call_of(member_id, call_id)
    room, call = call.room, lock(call.pk)
    call.room = room
    change = Change(call)
    one = change.of(member_id)
    if call.ended_at is not None or one is None or one.state != Participant.State.JOINED or one.device != device:
        raise NotFound
    if (one.mic, one.camera, one.screen) == (mic, camera, screen):
        return
    change.show(one, mic=mic, camera=camera, screen=screen)
    change.save()
