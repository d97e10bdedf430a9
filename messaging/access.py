"""The only doors to rooms and messages."""

from django.db.models import Q, QuerySet

from accounts.models import User
from messaging.models import Membership, Message, Room
from worksbridge.errors import NotFound


def rooms_of(member: User) -> QuerySet[Room]:
    """The rooms `member` is in now."""
    return Room.objects.filter(memberships__member=member, memberships__ended_at=None)


def room_of(member: User, room_id: int) -> Room:
    """The room, if `member` is in it. Raises NotFound otherwise, whether or not it exists."""
    room = (
        rooms_of(member).select_related("hosting_company", "low__company", "high__company").filter(pk=room_id).first()
    )
    if room is None:
        raise NotFound
    return room


def membership_of(member: User, room_id: int) -> Membership:
    """The live membership of `member` in a room. Raises NotFound."""
    found = Membership.objects.filter(room_id=room_id, member=member, ended_at=None).first()
    if found is None:
        raise NotFound
    return found


def visible_messages(member_id: int) -> QuerySet[Message]:
    """Every message this member may see now; the one query behind pages, pushes, counts and search."""
    return Message.objects.filter(room__memberships__member=member_id, room__memberships__ended_at=None).filter(
        Q(withheld_from=None) | ~Q(withheld_from=member_id)
    )


def messages_in(member: User, room: Room) -> QuerySet[Message]:
    """The messages of one room that `member` may see, oldest first, with their authors."""
    return visible_messages(member.pk).filter(room=room).select_related("author__company").order_by("seq")
