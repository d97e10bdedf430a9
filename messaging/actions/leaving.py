"""Leaving a group room, and being removed from it."""

from django.utils.translation import gettext as _

from accounts.models import User
from messaging.access import locked_room, membership_of, require_group, require_master
from messaging.actions.change import RoomChange
from messaging.actions.log import log_room
from messaging.actions.memberships import end_memberships
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room
from worksbridge.errors import Code, NotFound, Refused
from worksbridge.transactions import retried


@retried
def leave_room(*, member: User, room_id: int) -> None:
    """`member` leaves a group room by themselves. Their mastership passes on when they are the last Master.

    Raises NotFound when they are not in it, Refused for a 1:1 room.
    """
    room = locked_room(member, room_id)
    require_group(room)
    _end(room, membership_of(member.pk, room_id), "left", SystemMessage("room.member_left", by=member), actor=member)


@retried
def remove_member(*, master: User, room_id: int, member_id: int) -> None:
    """A Group Master removes a member. Raises NotFound for people who are not in the room, Refused for oneself."""
    room = locked_room(master, room_id)
    require_master(master, room)
    if member_id == master.pk:
        raise Refused(_("To leave the room yourself, choose “Leave”."), code=Code.SELF)
    row = membership_of(member_id, room_id)
    _require_may_remove(master, room, row)
    _end(room, row, "removed", SystemMessage("room.member_removed", by=master, who=row.member), actor=master)


def _require_may_remove(master: User, room: Room, row: Membership) -> None:
    """A guest Master cannot remove members of the hosting company."""
    host = room.hosting_company_id
    if row.member.company_id == host and master.company_id != host:
        text = _("Only a Group Master of %s can remove its members from this room.")
        raise Refused(text % room.hosting_company.name, code=Code.HOST_MEMBER)


@retried
def withdraw_from_room(*, administrator: User, membership: Membership) -> None:
    """A company's administrator excludes one of its members from a group room; doing it twice changes nothing.

    Raises NotFound for a member of another company.
    """
    if not administrator.is_superuser and membership.member.company_id != administrator.company_id:
        raise NotFound
    room = Room.objects.locked().get(pk=membership.room_id)
    row = Membership.objects.live().select_related("member__company").filter(pk=membership.pk).first()
    if row is None or room.kind != Room.Kind.GROUP:
        return
    _end(room, row, "administrator", SystemMessage("room.member_withdrawn", who=row.member), actor=administrator)


def _end(room: Room, row: Membership, reason: str, message: SystemMessage, *, actor: User) -> None:
    change = RoomChange([room])
    change.system(room.pk, message)
    end_memberships(change, [room], [row], reason)
    log_room(room, actor, message.event, [row.member], member=row.member_id)
