"""One open room as its page shows it."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.requests import MemberRequest
from contacts.models import ExternalContact
from contacts.policies import has_blocked, names_for
from federation.policies import reason_text, why_not
from messaging.access import membership_of, messages_in
from messaging.message.row import MessageRow
from messaging.models import Membership, Message, Room
from messaging.readers import readers_of
from worksbridge.ui.numbers import whole_number

PAGE_SIZE = 50
# Beyond this a page that catches up reloads the timeline.
MAX_CHANGES = 1_000


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
    hosting_company_id: int
    member_count: int
    stranger: bool
    blocked: bool
    description: str
    photo_url: str
    newcomers: str
    is_master: bool
    is_pinned: bool
    is_muted: bool
    is_hidden: bool
    is_marked_unread: bool
    read_seq: int
    readers: dict[int, list[int]]
    names: dict[int, str] = field(default_factory=dict)


@dataclass
class Page:
    """A stretch of a conversation, oldest first: whether it is at one of its ends, and the message it was opened at."""

    messages: list[Message]
    oldest: bool
    new_after: int | None
    newest: bool = True
    at: int | None = None


def view_room(member: User, room: Room) -> RoomView:
    """The room as `member` sees it."""
    mine = membership_of(member.pk, room.pk)
    # Those who are gone too: what they wrote, and the system messages about them, stay.
    everyone = dict(Membership.objects.filter(room=room).values_list("member_id", "ended_at"))
    other = _shown(room.other_than(member), room)
    names = names_for(member, everyone)
    refusal = why_not(member, other) if other is not None and room.is_external else None
    return RoomView(
        id=room.pk,
        rev=room.rev,
        name=room.name_for(member, names),
        is_external=room.is_external,
        is_direct=other is not None,
        is_frozen=room.frozen_at is not None,
        frozen_reason_text=_frozen_text(room, refusal),
        can_reconnect=room.frozen_at is not None and other is not None and refusal is None,
        other=other,
        companies=companies_in(room, member),
        hosting_company_id=room.hosting_company_id,
        member_count=sum(ended is None for ended in everyone.values()),
        stranger=_is_stranger(member, room, other),
        blocked=other is not None and room.is_external and has_blocked(member, other),
        description=room.description,
        photo_url=room.photo_url,
        newcomers=room.newcomers,
        is_master=mine.role == Membership.Role.MASTER,
        is_pinned=mine.pinned_at is not None,
        is_muted=mine.muted_at is not None,
        is_hidden=mine.hidden_rev is not None and room.rev <= mine.hidden_rev,
        is_marked_unread=mine.marked_unread_at is not None,
        read_seq=mine.read_seq,
        readers=readers_of(member, room),
        names=names,
    )


def _shown(other: User | None, room: Room) -> User | None:
    """The other person of a 1:1 room: across a closed link only their messages, name and company."""
    if other is not None and room.is_external and room.frozen_at is not None:
        other.title, other.department, other.photo = "", None, ""
    return other


def _frozen_text(room: Room, refusal: str | None) -> str:
    if room.frozen_at is None:
        return ""
    if room.frozen_reason == Room.FrozenReason.NO_HOST:
        return _("No one from %s is in it any more.") % room.hosting_company.name
    return str(refusal or reason_text(room.frozen_reason))


def companies_in(room: Room, member: User) -> list[Company]:
    """The other companies with people in the room, by name; none for an internal room."""
    if not room.is_external:
        return []
    inside = Membership.objects.live().filter(room=room).values("member__company")
    return list(Company.objects.filter(pk__in=inside).exclude(pk=member.company_id or 0).order_by("name"))


def _is_stranger(member: User, room: Room, other: User | None) -> bool:
    """Whether the 1:1 room is with an external user who has written and whom the member has not added."""
    if other is None or not room.is_external or room.frozen_at is not None:
        return False
    if ExternalContact.objects.filter(owner=member, person=other).exists():
        return False
    return messages_in(member, room).filter(author=other).exists()


def latest(member: User, room: Room, read_seq: int) -> Page:
    """The end of the conversation, long enough to show where unread messages begin (at most four pages)."""
    shown = messages_in(member, room)
    found = list(shown.order_by("-seq")[: PAGE_SIZE + 1])
    if found and len(found) > PAGE_SIZE and found[PAGE_SIZE - 1].seq > read_seq:
        found = list(shown.order_by("-seq")[: PAGE_SIZE * 4 + 1])
        size = PAGE_SIZE * 4
    else:
        size = PAGE_SIZE
    messages = found[:size][::-1]
    fresh = [message for message in messages if message.seq > read_seq and message.author_id not in (None, member.pk)]
    return Page(messages, oldest=len(found) <= size, new_after=read_seq if fresh else None)


def earlier(member: User, room: Room, before: int) -> Page:
    """The page of messages before the one with sequence number `before`."""
    shown = messages_in(member, room)
    found = list(shown.filter(seq__lt=before).order_by("-seq")[: PAGE_SIZE + 1])
    newest = not shown.filter(seq__gte=before).exists()
    return Page(found[:PAGE_SIZE][::-1], oldest=len(found) <= PAGE_SIZE, new_after=None, newest=newest)


def later(member: User, room: Room, after: int) -> Page:
    """The page of messages after the one with sequence number `after`."""
    shown = messages_in(member, room)
    found = list(shown.filter(seq__gt=after)[: PAGE_SIZE + 1])
    oldest = not shown.filter(seq__lte=after).exists()
    return Page(found[:PAGE_SIZE], oldest=oldest, new_after=None, newest=len(found) <= PAGE_SIZE)


def around(member: User, room: Room, at: int) -> Page | None:
    """The messages before and after the one with sequence number `at`; None when `member` cannot see that message."""
    shown = messages_in(member, room)
    half = PAGE_SIZE // 2
    after = list(shown.filter(seq__gte=at)[: half + 1])
    if not after or after[0].seq != at:
        return None
    before = list(shown.filter(seq__lt=at).order_by("-seq")[: half + 1])
    messages = [*before[:half][::-1], *after[:half]]
    return Page(messages, oldest=len(before) <= half, new_after=None, newest=len(after) <= half, at=at)


def changed_since(seat: Membership, after: int) -> list[MessageRow] | None:
    """What changed for a member in their room (see `seat_of`) after revision `after`, in order.

    None when it is too much, when `after` is in the future, or before the member joined: what they saw of the room
    then, if they were in it before, is not what they may see now.
    """
    if after > seat.room.rev or after < seat.joined_rev:
        return None
    # The caller looks up their authors together.
    changed = Message.objects.visible_to(seat.member_id).filter(room=seat.room, rev__gt=after)
    # By revision, for which there is an index: by number, the whole room would be read up to the first of them.
    found = MessageRow.read(changed.order_by("rev")[: MAX_CHANGES + 1])
    return sorted(found, key=attrgetter("seq")) if len(found) <= MAX_CHANGES else None


def _page(request: MemberRequest, room: Room, view: RoomView) -> Page:
    """The stretch of the conversation that the address asks for; the end if its message does not exist."""
    if "at" in request.GET:
        page = around(request.user, room, whole_number(request.GET["at"], "at"))
        return page or latest(request.user, room, view.read_seq)
    # Without scripts: the page of messages before the oldest one shown, or after the newest.
    if "before" in request.GET:
        return earlier(request.user, room, whole_number(request.GET["before"], "before"))
    if "after" in request.GET:
        return later(request.user, room, whole_number(request.GET["after"], "after"))
    return latest(request.user, room, view.read_seq)


def room_context(request: MemberRequest, room: Room) -> dict[str, Any]:
    """What the conversation's templates need."""
    view = view_room(request.user, room)
    page = _page(request, room, view)
    return {
        "room": view,
        "names": view.names,
        "messages_page": page,
        "timeline": page.messages,
        "oldest": page.oldest,
        "newest": page.newest,
        "new_after": page.new_after,
        "client_id": uuid4(),
    }
