"""The only doors to calls."""

from uuid import UUID

from accounts.models import User
from calls.models import Call, Participant
from contacts.models import Block
from messaging.access import locked_room
from messaging.models import Room
from worksbridge.errors import BadRequest, NotFound


def call_of(member_id: int, call_id: int) -> Call:
    """The call, if the member may know of it. Raises NotFound otherwise, whether or not it exists."""
    rooms = ("room__hosting_company", "room__low__company", "room__high__company", "started_by__company")
    call = Call.objects.known_to(member_id).select_related(*rooms).filter(pk=call_id).first()
    if call is None:
        raise NotFound
    return call


def live_call_in(room: Room) -> Call | None:
    """The live call in the room."""
    return Call.objects.live().filter(room=room).select_related("started_by__company").first()


def locked_call(member: User, call_id: int) -> Call:
    """The call with its room and itself locked until the transaction ends. Raises NotFound.

    The room's row is the gate for calls as for messages: closing a room or removing a member holds it too.
    """
    found = call_of(member.pk, call_id)
    room = locked_room(member, found.room_id)
    call = lock(found.pk)
    # Checked after the lock: they may have lost access to it.
    if not Call.objects.known_to(member.pk).filter(pk=call.pk).exists():
        raise NotFound
    call.room = room
    return call


def lock(call_id: int) -> Call:
    """The call's row, locked; its room has been locked before."""
    return (
        Call.objects.select_for_update(of=("self",), no_key=True).select_related("started_by__company").get(pk=call_id)
    )


def shown_in(call: Call, viewer: User) -> list[User]:
    """Those in the call, without those whom the viewer has blocked: their joining and leaving is not shown."""
    blocked = Block.objects.filter(blocker=viewer).values("blocked")
    joined = Participant.objects.joined().filter(call=call).exclude(member__in=blocked)
    return [one.member for one in joined.select_related("member__company").order_by("joined_at", "pk")]


def feed_of(call: Call, member: User, device: UUID) -> int:
    """Janus' id of what the member sends into the live call from this page. Raises NotFound."""
    mine = Participant.objects.joined().of_live_calls().filter(call=call, member=member, device=device)
    feed = mine.values_list("feed", flat=True).first()
    if feed is None:
        raise NotFound
    return feed


def has_feed(call: Call, member: User, device: UUID, feed: int) -> bool:
    """Whether the member is in the live call with this page and sends as `feed`."""
    return (
        Participant.objects.joined().of_live_calls().filter(call=call, member=member, device=device, feed=feed).exists()
    )


def device_of(text: object) -> UUID:
    """The UUID of the asking page. Raises BadRequest when it is not one."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadRequest("“device” must be a UUID.") from error
