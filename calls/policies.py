"""Questions about who may call whom: the same consent as for messages."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.models import Block
from federation.policies import reason_text, why_not
from federation.reasons import Reason
from messaging.access import require_writable
from messaging.models import Room
from worksbridge.errors import Code, Refused


def require_may_call(member: User, room: Room) -> None:
    """Raises Refused, with a reason `member` may know, unless they may call into a room they are in.

    A room that can be written to is one in which everyone may reach everyone. In a 1:1 room, who has blocked the
    other does not call them.
    """
    require_writable(room)
    other = room.other_than(member)
    if other is None:
        return
    if not other.is_active:
        raise Refused(reason_text(Reason.DEACTIVATED), code=Code.NOT_ALLOWED)
    reason = why_not(member, other)
    if reason is not None:
        raise Refused(str(reason), code=Code.NOT_ALLOWED)
    if Block.objects.filter(blocker=member, blocked=other).exists():
        raise Refused(_("You have blocked this person. Unblock them to call."), code=Code.BLOCKED)


def blocked_in(room: Room) -> bool:
    """Whether one of the two people of a 1:1 room has blocked the other."""
    if room.kind != Room.Kind.DIRECT:
        return False
    one = Q(blocker=room.low_id, blocked=room.high_id) | Q(blocker=room.high_id, blocked=room.low_id)
    return Block.objects.filter(one).exists()
