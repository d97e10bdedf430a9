"""One open room as its page shows it."""

from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import Company, User
from contacts.models import ExternalContact
from contacts.policies import has_blocked, names_for
from federation.policies import reason_text, why_not
from messaging.access import messages_in
from messaging.listing import other_in, room_name
from messaging.models import Membership, Message, Room

PAGE = 50
# Beyond this a page that catches up loads the timeline anew.
CHANGES = 500


@dataclass
class RoomView:
    """What the header and the foot of a conversation need, for one viewer."""

    id: int
    rev: int
    name: str
    is_external: bool
    is_direct: bool
    is_frozen: bool
    frozen_reason_text: str
    can_reconnect: bool
    other: User | None
    companies: list[Company]
    member_count: int
    stranger: bool
    blocked: bool
    read_seq: int
    readers: dict[int, int]
    names: dict[int, str] = field(default_factory=dict)


@dataclass
class Page:
    """A stretch of a conversation, oldest first."""

    messages: list[Message]
    oldest: bool
    new_after: int | None


def view_room(member: User, room: Room) -> RoomView:
    """The room as `member` sees it."""
    memberships = list(Membership.objects.filter(room=room, ended_at=None).values_list("member_id", "read_seq"))
    readers = dict(memberships)
    other = other_in(room, member)
    names = names_for(member, readers.keys() | ({other.pk} if other else set()))
    refusal = why_not(member, other) if other is not None and room.is_external else None
    frozen = room.frozen_at is not None
    return RoomView(
        id=room.pk,
        rev=room.rev,
        name=room_name(room, other, names),
        is_external=room.is_external,
        is_direct=other is not None,
        is_frozen=frozen,
        frozen_reason_text=str(refusal or reason_text(room.frozen_reason)) if frozen else "",
        can_reconnect=frozen and refusal is None,
        other=other,
        companies=companies_in(room, member),
        member_count=len(memberships),
        stranger=_is_stranger(member, room, other),
        blocked=other is not None and room.is_external and has_blocked(member, other),
        read_seq=readers.pop(member.pk, 0),
        readers=readers,
        names=names,
    )


def companies_in(room: Room, member: User) -> list[Company]:
    """The other companies with people in the room, by name; none for an internal room."""
    if not room.is_external:
        return []
    inside = Company.objects.filter(members__memberships__room=room, members__memberships__ended_at=None)
    return list(inside.exclude(pk=member.company_id or 0).annotate(people=Count("members")).order_by("name"))


def _is_stranger(member: User, room: Room, other: User | None) -> bool:
    """Whether the 1:1 room is with an external person the member has not added, who has written."""
    if other is None or not room.is_external or room.frozen_at is not None:
        return False
    if ExternalContact.objects.filter(owner=member, person=other).exists():
        return False
    return messages_in(member, room).filter(author=other).exists()


def latest(member: User, room: Room, read_seq: int) -> Page:
    """The end of the conversation, long enough to show where unread messages begin (at most four pages)."""
    shown = messages_in(member, room)
    found = list(shown.order_by("-seq")[: PAGE + 1])
    if found and len(found) > PAGE and found[PAGE - 1].seq > read_seq:
        found = list(shown.order_by("-seq")[: PAGE * 4 + 1])
        size = PAGE * 4
    else:
        size = PAGE
    messages = found[:size][::-1]
    fresh = [message for message in messages if message.seq > read_seq and message.author_id not in (None, member.pk)]
    return Page(messages, oldest=len(found) <= size, new_after=read_seq if fresh else None)


def earlier(member: User, room: Room, before: int) -> Page:
    """The page of messages before the one with sequence number `before`."""
    found = list(messages_in(member, room).filter(seq__lt=before).order_by("-seq")[: PAGE + 1])
    return Page(found[:PAGE][::-1], oldest=len(found) <= PAGE, new_after=None)


def changed_since(member: User, room: Room, after: int) -> list[Message] | None:
    """What changed after revision `after`, in order; None when it is too much, or `after` lies in the future."""
    if after > room.rev:
        return None
    found = list(messages_in(member, room).filter(rev__gt=after)[: CHANGES + 1])
    return found if len(found) <= CHANGES else None
