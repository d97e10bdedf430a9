"""How far a member has read."""

from typing import Any

from django.db.models import F

from messaging.models import Membership, Message, Withheld
from messaging.readers import readers_told
from worksbridge.errors import NotFound
from worksbridge.live.push import push
from worksbridge.transactions import retried


@retried
def mark_read(*, member_id: int, room_id: int, seq: int) -> None:
    """The member has read the room up to `seq`. Never moves back; a number beyond the last message means everything.

    A room they had marked unread is read again. Raises NotFound when they are not in the room.
    """
    # Only the membership is locked, and the count is queried afterwards: a message withheld from the member at this
    # moment is counted either before or after.
    live = Membership.objects.live().select_for_update(no_key=True)
    membership = live.filter(room_id=room_id, member=member_id).first()
    if membership is None:
        raise NotFound
    changes = _moved(membership, seq)
    told = "read_seq" in changes
    if membership.marked_unread_at is not None:
        changes |= {"marked_unread_at": None, "settings_rev": F("settings_rev") + 1}
        push([member_id], {"type": "reload", "parts": ["list", "room"], "room": room_id})
    if changes:
        Membership.objects.filter(pk=membership.pk).update(**changes)
    if told:
        reader = {"member": member_id, "from": membership.joined_rev, "seq": changes["read_seq"]}
        frame = {"type": "read", "room": room_id, **reader}
        push(readers_told(room_id, member_id), frame)


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
