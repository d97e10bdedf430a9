"""The only doors to calls."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from calls.models import Call, Participant
from messaging.access import locked_room
from messaging.models import Membership, Room
from worksbridge.errors import NotFound, WorksBridgeError


def calls_of(member: User) -> QuerySet[Call]:
    """The calls `member` may know of: those of rooms they are in now, without the rings that are withheld from them.

    Of the time before they joined a room they know no calls that had ended by then.
    """
    inside = Membership.objects.filter(room=OuterRef("room"), member=member, ended_at=None)
    there = inside.filter(joined_at__lte=OuterRef("ended_at"))
    withheld = Participant.objects.filter(call=OuterRef("pk"), member=member, withheld=True)
    return Call.objects.filter(Exists(inside), Q(ended_at=None) | Exists(there), ~Exists(withheld))


def call_of(member: User, call_id: int) -> Call:
    """The call, if `member` may know of it. Raises NotFound otherwise, whether or not it exists."""
    rooms = ("room__hosting_company", "room__low__company", "room__high__company", "started_by__company")
    call = calls_of(member).select_related(*rooms).filter(pk=call_id).first()
    if call is None:
        raise NotFound
    return call


def live_call_in(room: Room) -> Call | None:
    """The call that goes on in the room."""
    return Call.objects.filter(room=room, ended_at=None).select_related("started_by__company").first()


def locked_call(member: User, call_id: int) -> Call:
    """The call with its room and itself locked until the transaction ends. Raises NotFound.

    The room's row is the gate for calls as for messages: who closes a room, or puts somebody out, holds it.
    """
    found = call_of(member, call_id)
    room = locked_room(member, found.room_id)
    call = lock(found.pk)
    # Asked after the lock: it may have become theirs no more.
    if not calls_of(member).filter(pk=call.pk).exists():
        raise NotFound
    call.room = room
    return call


def lock(call_id: int) -> Call:
    """The call's row, locked; its room has been locked before."""
    return (
        Call.objects.select_for_update(of=("self",), no_key=True).select_related("started_by__company").get(pk=call_id)
    )


def live_participants(member_ids: list[int]) -> QuerySet[Participant]:
    """Where these members ring or take part now."""
    live = Q(state__in=[Participant.State.RINGING, Participant.State.JOINED])
    return Participant.objects.filter(live, member__in=member_ids, call__ended_at=None)


def device_of(text: object) -> UUID:
    """The page that asks, by the UUID it has given itself. Raises WorksBridgeError when it is none."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise WorksBridgeError("“device” must be a UUID.", code="bad_device") from error
