"""Group Masters: sharing the role, transferring it, stepping down."""

from django.utils.translation import gettext as _

from accounts.models import User
from messaging.access import locked_room, membership_of, require_master, require_writable
from messaging.actions.change import RoomChange
from messaging.actions.log import log_room
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room
from worksbridge.errors import Code, Refused
from worksbridge.transactions import retried


@retried
def make_master(*, master: User, room_id: int, member_id: int) -> None:
    """Share mastership with a member; doing it twice changes nothing.

    Raises NotFound for people who are not in the room, Refused when the asker is not Master.
    """
    room = locked_room(master, room_id)
    require_master(master, room)
    row = _heir(room, member_id)
    if _turn(row, Membership.Role.MASTER):
        _tell(room, master, SystemMessage("room.master_made", by=master, who=row.member), row)


@retried
def hand_over(*, master: User, room_id: int, member_id: int) -> None:
    """Transfer the role to a member.

    Raises Refused when no Master of the hosting company would be left, or the asker is not Master.
    """
    room = locked_room(master, room_id)
    mine = require_master(master, room)
    row = _heir(room, member_id)
    if row.pk == mine.pk:
        return
    _turn(row, Membership.Role.MASTER)
    _turn(mine, Membership.Role.MEMBER)
    _require_host_master(room)
    _tell(room, master, SystemMessage("room.handed_over", by=master, who=row.member), row)


@retried
def step_down(*, master: User, room_id: int) -> None:
    """Become a regular member again. Raises Refused when no Master of the hosting company would be left."""
    room = locked_room(master, room_id)
    mine = require_master(master, room)
    require_writable(room)
    _turn(mine, Membership.Role.MEMBER)
    _require_host_master(room)
    _tell(room, master, SystemMessage("room.stepped_down", by=master), mine)


def _heir(room: Room, member_id: int) -> Membership:
    require_writable(room)
    row = membership_of(member_id, room.pk)
    if not row.member.is_active:
        raise Refused(_("This person's account is no longer active."), code=Code.DEACTIVATED)
    return row


def _turn(row: Membership, role: str) -> bool:
    if row.role == role:
        return False
    row.role = role
    row.save(update_fields=["role"])
    return True


def _require_host_master(room: Room) -> None:
    if not Membership.objects.live().in_rooms([room]).of_hosts().masters().active().exists():
        text = _("The room needs a Group Master from %s. Make a colleague there Group Master first.")
        raise Refused(text % room.hosting_company.name, code=Code.LAST_MASTER)


def _tell(room: Room, actor: User, message: SystemMessage, row: Membership) -> None:
    log_room(room, actor, message.event, [row.member], member=row.member_id)
    change = RoomChange([room])
    change.system(room.pk, message)
    change.save()
