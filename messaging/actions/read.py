"""How far a member has read."""

from typing import Any

from django.db.models import F

from accounts.models import User
from contacts.models import Block
from messaging.models import Membership, Message, Room, Withheld
from worksbridge.errors import NotFound
from worksbridge.live.push import push
from worksbridge.transactions import retried


@retried
def mark_read(*, member: User, room_id: int, seq: int) -> None:
    """`member` has read the room up to `seq`. Never moves back; beyond the last message means all of it.

    A room they had marked unread is read again. Raises NotFound when they are not in the room.
    """
    # Only the membership is locked, and what is counted is looked up after that: whoever withholds a message from
    # the member at this moment has counted it before, or will after.
    live = Membership.objects.live().select_for_update(no_key=True)
    membership = live.filter(room_id=room_id, member=member).first()
    if membership is None:
        raise NotFound
    changes = _moved(membership, seq)
    told = "read_seq" in changes
    if membership.marked_unread_at is not None:
        changes |= {"marked_unread_at": None, "settings_rev": F("settings_rev") + 1}
        push([member.pk], {"type": "reload", "parts": ["list", "room"], "room": room_id})
    if changes:
        Membership.objects.filter(pk=membership.pk).update(**changes)
    if told:
        frame = {"type": "read", "room": room_id, "member": member.pk, "seq": changes["read_seq"]}
        push(readers_told(room_id, member.pk), frame)


def _moved(membership: Membership, seq: int) -> dict[str, Any]:
    visible = Message.objects.visible_to(membership.member_id).filter(room=membership.room_id, seq__lte=seq)
    last = visible.order_by("-seq").first()
    if last is None or last.seq <= membership.read_seq:
        return {}
    ahead = Withheld.objects.filter(member=membership.member_id, is_counted=True, message__room=membership.room_id)
    return {
        "read_seq": last.seq,
        "read_ordinal": last.ordinal,
        "withheld_ahead": ahead.filter(message__seq__gt=last.seq).count(),
    }


def readers_told(room_id: int, member_id: int) -> list[int]:
    """Who is told what `member_id` reads or types in a room, and whether they are there.

    Its members, without those a block stands between; nobody else in a 1:1 room across a closed link.
    """
    if Room.objects.filter(pk=room_id, kind=Room.Kind.DIRECT, is_external=True, frozen_at__isnull=False).exists():
        return [member_id]
    everyone = Membership.objects.live().filter(room=room_id).member_ids()
    apart = Block.objects.between(member_id, everyone)
    return [other for other in everyone if other not in apart]


def readers_of(member: User, room: Room) -> dict[int, int]:
    """How far each of the others has read, by id, as far as `member` may know."""
    if room.kind == Room.Kind.DIRECT and room.is_external and room.frozen_at is not None:
        return {}
    rows = Membership.objects.live().filter(room=room).exclude(member=member)
    readers = dict(rows.values_list("member_id", "read_seq"))
    for apart in Block.objects.between(member.pk, readers.keys()):
        readers.pop(apart, None)
    return readers
