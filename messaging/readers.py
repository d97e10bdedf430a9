"""Who sees a member's read position and typing."""

from accounts.models import User
from contacts.models import Block
from messaging.models import Membership, Room


def readers_told(room_id: int, member_id: int) -> list[int]:
    """The members who see what `member_id` reads or types in a room, and their presence.

    The room's members, except across a block; only the member in a 1:1 room across a closed link.
    """
    if Room.objects.filter(pk=room_id, kind=Room.Kind.DIRECT, is_external=True, frozen_at__isnull=False).exists():
        return [member_id]
    everyone = Membership.objects.live().filter(room=room_id).member_ids()
    apart = Block.objects.between(member_id, everyone)
    return [other for other in everyone if other not in apart]


def readers_of(member: User, room: Room) -> dict[int, list[int]]:
    """What each of the others has read, by id, as far as `member` may know: after which revision, and until which.

    Whoever came later is no reader of what was before, although nothing of it waits for them.
    """
    if room.kind == Room.Kind.DIRECT and room.is_external and room.frozen_at is not None:
        return {}
    rows = Membership.objects.live().filter(room=room).exclude(member=member)
    readers = {pk: [joined, read] for pk, joined, read in rows.values_list("member_id", "joined_rev", "read_seq")}
    for apart in Block.objects.between(member.pk, readers.keys()):
        readers.pop(apart, None)
    return readers
