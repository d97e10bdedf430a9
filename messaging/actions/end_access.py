"""What happens to rooms when a right ends; runs inside the closing transaction."""

from messaging.access_end import AccessEnd
from messaging.actions.excluding import exclude_from_groups
from messaging.actions.freezing import freeze_direct_rooms
from messaging.actions.succession import pass_on_rooms
from messaging.models import Room


def end_access(ending: AccessEnd) -> None:
    """Freeze the 1:1 rooms, exclude people from group rooms, and pass on the roles of deactivated members.

    All rooms are locked together in id order, as by every writer to several rooms.
    A constant number of queries for any number of rooms.
    """
    direct, ended, held = ending.direct_rooms(), ending.memberships(), ending.held_rooms()
    locked = Room.objects.locked().filter(pk__in={*direct, *ended.values(), *held})
    rooms = {room.pk: room for room in locked}
    frozen = [rooms[pk] for pk in direct if rooms[pk].frozen_at is None]
    freeze_direct_rooms(frozen, ending)
    groups = [rooms[pk] for pk in sorted(set(ended.values()))]
    exclude_from_groups(groups, ended, ending)
    pass_on_rooms(rooms=[rooms[pk] for pk in held], members=ending.members)
