"""Opening 1:1 rooms."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.requests import company_of
from federation.gate import require_open
from federation.policies import why_not
from messaging.actions.change import RoomChange
from messaging.actions.log import log_room
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room
from worksbridge.errors import Code, Refused
from worksbridge.live.push import push
from worksbridge.transactions import retried


@retried
def open_direct_room(*, member: User, other: User) -> Room:
    """The 1:1 room of two people, made when it is not there yet.

    Between companies both must be allowed to reach each other; raises Refused with the reason.
    A frozen room is returned unchanged.
    """
    if member.pk == other.pk:
        raise Refused(_("A 1:1 room needs another person."))
    low, high = sorted((member, other), key=lambda person: person.pk)
    room = Room.objects.filter(low=low, high=high).first()
    return room or _make_direct(member, low, high)


def _make_direct(member: User, low: User, high: User) -> Room:
    external = low.company_id != high.company_id
    if external:
        require_reach(member, high if member == low else low)
    try:
        with transaction.atomic():
            room = Room.objects.create(
                kind=Room.Kind.DIRECT,
                is_external=external,
                hosting_company=company_of(member),
                low=low,
                high=high,
            )
            Membership.objects.bulk_create([Membership(room=room, member=person) for person in (low, high)])
    except IntegrityError:
        # The other person opened it at the same moment.
        return Room.objects.get(low=low, high=high)
    log_room(room, member, "room.opened", [low, high], members=[low.pk, high.pk])
    push([low.pk, high.pk], {"type": "reload", "parts": ["list"]})
    return room


def require_reach(member: User, other: User) -> None:
    """Require that both may talk, until this transaction ends. Raises Refused with the reason.

    Takes the link's lock before any room is touched: the lock order of the whole product.
    """
    reason = why_not(member, other)
    if reason is not None:
        raise Refused(str(reason), code=Code.NOT_ALLOWED)
    require_open(member.pk, other.pk)


@retried
def reopen_direct_room(*, member: User, other: User) -> Room:
    """Make the external 1:1 room of two people writable again, or make it when there is none.

    A system message says who reopened it. Raises Refused with the reason when they may not talk.
    """
    room = open_direct_room(member=member, other=other)
    if not room.is_external:
        return room
    require_reach(member, other)
    room = Room.objects.locked().get(pk=room.pk)
    if room.frozen_at is None:
        return room
    room.frozen_at, room.frozen_reason, room.closing = None, "", None
    room.save(update_fields=["frozen_at", "frozen_reason", "closing"])
    log_room(room, member, "room.reopened", [member, other], members=sorted([member.pk, other.pk]))
    change = RoomChange([room])
    change.system(room.pk, SystemMessage("room.reopened", by=member))
    change.save()
    return room
