"""A member's own preferences for a room: pinned, muted, hidden, marked unread."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from messaging.access import membership_of
from messaging.models import Membership, Room
from worksbridge.live.push import push
from worksbridge.transactions import retried


@retried
def set_room_preferences(
    *,
    member: User,
    room_id: int,
    pinned: bool | None = None,
    muted: bool | None = None,
    hidden: bool | None = None,
    unread: bool | None = None,
) -> None:
    """Change the given preferences; no one else is told. A hidden room reappears with its next message.

    Raises NotFound when they are not in the room.
    """
    membership = membership_of(member.pk, room_id)
    now = timezone.now()
    changes: dict[str, Any] = {}
    if pinned is not None and pinned != (membership.pinned_at is not None):
        changes["pinned_at"] = now if pinned else None
    if muted is not None and muted != (membership.muted_at is not None):
        changes["muted_at"] = now if muted else None
    if hidden is not None:
        changes["hidden_rev"] = Room.objects.values_list("rev", flat=True).get(pk=room_id) if hidden else None
    if unread is not None and unread != (membership.marked_unread_at is not None):
        changes["marked_unread_at"] = now if unread else None
    if changes:
        Membership.objects.filter(pk=membership.pk).update(**changes, settings_rev=F("settings_rev") + 1)
        push([member.pk], {"type": "reload", "parts": ["list", "room"], "room": room_id})
