"""Lines that one person's doing writes into a room: whoever has blocked that person does not get them."""

from collections.abc import Collection

from accounts.models import User
from contacts.models import Block
from messaging.actions.lines import add_lines
from messaging.lines import Line
from messaging.models import Room, Withheld
from messaging.pushes import push_room
from messaging.recipients import members_of


def say(*, room: Room, said: Line, about: User, kept_from: Collection[int] = ()) -> None:
    """Write `said` into the locked `room` and push it, except to those who have blocked `about` and to `kept_from`.

    Who does not get it never does, as with a message.
    """
    inside = set(members_of([room.pk]).get(room.pk, ()))
    blockers = set(Block.objects.filter(blocked=about, blocker__in=inside).values_list("blocker_id", flat=True))
    kept = (blockers | set(kept_from)) & inside
    before = room.rev
    messages = add_lines({room.pk: [said]}, [room])[room.pk]
    Withheld.objects.bulk_create(
        [Withheld(message_id=message.pk, member_id=member, is_counted=False) for message in messages for member in kept]
    )
    push_room(room, inside - kept, after=before, messages=messages)
