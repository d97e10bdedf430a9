"""The only doors to rooms and messages."""

from datetime import datetime
from typing import Protocol

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from messaging.models import Membership, Message, Room
from worksbridge.errors import Code, NotFound, Refused


def rooms_of(member: User) -> QuerySet[Room]:
    """The rooms `member` is in now."""
    return Room.objects.of(member.pk)


def room_of(member: User, room_id: int) -> Room:
    """The room, if `member` is in it. Raises NotFound otherwise, whether or not it exists."""
    room = (
        rooms_of(member).select_related("hosting_company", "low__company", "high__company").filter(pk=room_id).first()
    )
    if room is None:
        raise NotFound
    return room


def direct_room_with(member: User, other_id: int) -> Room:
    """The 1:1 room of `member` and another person. Raises NotFound when there is none."""
    low, high = sorted((member.pk, other_id))
    found = Room.objects.filter(low=low, high=high).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound
    return room_of(member, found)


def known_person(member: User, person_id: int) -> User:
    """A colleague or an external contact of `member`. Raises NotFound for everybody else."""
    colleagues = Q(company=member.company_id, company__isnull=False, is_active=True) & ~Q(pk=member.pk)
    contacts = Q(pk__in=member.external_contacts.values("person"))
    found = User.objects.filter(colleagues | contacts, pk=person_id).first()
    if found is None:
        raise NotFound
    return found


def membership_of(member_id: int, room_id: int) -> Membership:
    """The live membership of a member in a room. Raises NotFound."""
    live = Membership.objects.live().filter(room_id=room_id, member=member_id)
    found = live.select_related("member__company").first()
    if found is None:
        raise NotFound
    return found


def seat_of(member: User, room_id: int) -> Membership:
    """The live membership of `member` with its room's state, and nothing else. Raises NotFound."""
    live = Membership.objects.live().filter(room_id=room_id, member=member).select_related("room")
    stands = ("room__rev", "room__kind", "room__is_external", "room__frozen_at")
    found = live.only("room_id", "member_id", "joined_rev", *stands).first()
    if found is None:
        raise NotFound
    return found


def locked_room(member: User, room_id: int) -> Room:
    """The room with its row locked until the transaction ends, if `member` is in it then. Raises NotFound."""
    # Checked first, so that a stranger does not wait for a room they are not in.
    membership_of(member.pk, room_id)
    room = Room.objects.locked().filter(pk=room_id).first()
    if room is None:
        raise NotFound
    # Checked after the lock: the previous holder may have removed the member.
    membership_of(member.pk, room_id)
    return room


def require_group(room: Room) -> None:
    """Raises Refused for a 1:1 room."""
    if room.kind != Room.Kind.GROUP:
        raise Refused(_("A 1:1 room cannot be managed or left."), code=Code.DIRECT)


def require_master(member: User, room: Room) -> Membership:
    """The membership of `member` as Group Master. Raises Refused for everyone else in the room."""
    require_group(room)
    found = membership_of(member.pk, room.pk)
    if found.role != Membership.Role.MASTER:
        raise Refused(_("Only a Group Master can do this."), code=Code.NOT_MASTER)
    return found


class Freezable(Protocol):
    """A room, or what is known of it."""

    @property
    def frozen_at(self) -> datetime | None:
        """From when it can only be read."""


def require_writable(room: Freezable) -> None:
    """Raises Refused for a room that can only be read."""
    if room.frozen_at is not None:
        raise Refused(_("This room is now read-only."), code=Code.FROZEN)


def master_room(member: User, room_id: int) -> Room:
    """The group room in which `member` is Master. Raises NotFound for a stranger, Refused for a plain member."""
    room = room_of(member, room_id)
    require_master(member, room)
    return room


def message_of(member: User, room_id: int, seq: int) -> Message:
    """The message with sequence number `seq` in a room, with its room and author, if `member` may see it now.

    Raises NotFound otherwise, whether or not it exists.
    """
    found = (
        Message.objects.visible_to(member.pk)
        .filter(room=room_id, seq=seq)
        .select_related("room", "author__company")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def messages_in(member: User, room: Room) -> QuerySet[Message]:
    """The messages of one room that `member` may see, oldest first, with their authors."""
    return Message.objects.visible_to(member.pk).filter(room=room).select_related("author__company").order_by("seq")
