"""How far a member has read."""

from django.db import transaction

from accounts.models import User
from contacts.models import Block
from messaging.access import membership_of, visible_messages
from messaging.models import Membership, Room
from messaging.recipients import members_of
from worksbridge.live.push import push


@transaction.atomic
def mark_read(*, member: User, room_id: int, seq: int) -> None:
    """`member` has read the room up to `seq`. Never moves back; beyond the last message means all of it.

    Raises NotFound when they are not in the room.
    """
    membership = membership_of(member, room_id)
    last = visible_messages(member.pk).filter(room=room_id, seq__lte=seq).order_by("-seq").first()
    if last is None or last.seq <= membership.read_seq:
        return
    moved = Membership.objects.filter(pk=membership.pk, read_seq__lt=last.seq).update(
        read_seq=last.seq, read_ordinal=last.ordinal
    )
    if moved:
        push(readers_told(room_id, member.pk), {"type": "read", "room": room_id, "member": member.pk, "seq": last.seq})


def readers_told(room_id: int, member_id: int) -> list[int]:
    """Who is told what `member_id` reads or types in a room: its members, without those a block stands between."""
    others = members_of([room_id]).get(room_id, [])
    if Room.objects.filter(pk=room_id, kind=Room.Kind.DIRECT).exists():
        pairs = Block.objects.filter(blocker__in=others, blocked__in=others)
        if pairs.exists():
            return [member_id]
    return others
