"""The room list of one member, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from accounts.models import User
from contacts.policies import names_for
from messaging.models import Membership, Message, Room
from messaging.text import preview

# More rooms than anyone scrolls through; the rest is found by search.
LONGEST = 1_000


@dataclass
class RoomRow:
    """One row of the room list, as this member sees it."""

    id: int
    name: str
    is_external: bool
    is_frozen: bool
    person: User | None
    preview: str
    preview_author: str
    at: datetime
    unread: int
    rev: int

    @property
    def url(self) -> str:
        """Where the row leads."""
        return reverse("messaging:room", args=[self.id])


def room_rows(member: User) -> list[RoomRow]:
    """The member's rooms, newest visible activity first."""
    memberships = list(_memberships(member))
    last_ids = {row.pk: getattr(row, "last_id", None) for row in memberships}
    last = Message.objects.select_related("author").in_bulk({pk for pk in last_ids.values() if pk})
    names = names_for(member, {pk for row in memberships for pk in (row.room.low_id, row.room.high_id) if pk})
    rows = [_row(member, row, last.get(last_ids[row.pk] or 0), names) for row in memberships]
    return sorted(rows, key=lambda row: (row.at, row.id), reverse=True)


def _memberships(member: User) -> QuerySet[Membership]:
    seen = Message.objects.filter(room=OuterRef("room")).filter(Q(withheld_from=None) | ~Q(withheld_from=member))
    return (
        Membership.objects.filter(member=member, ended_at=None)
        .select_related("room", "room__low__company", "room__high__company")
        .annotate(last_id=Subquery(seen.order_by("-seq").values("pk")[:1]))
        .order_by("-room__active_at", "-room_id")[:LONGEST]
    )


def _row(member: User, membership: Membership, last: Message | None, names: dict[int, str]) -> RoomRow:
    room = membership.room
    other = other_in(room, member)
    author = ""
    if last is not None and last.author is not None and room.kind == Room.Kind.GROUP and last.author_id != member.pk:
        author = names.get(last.author_id or 0) or last.author.name
    return RoomRow(
        id=room.pk,
        name=room_name(room, other, names),
        is_external=room.is_external,
        is_frozen=room.frozen_at is not None,
        person=other,
        preview=preview(last.body) if last else "",
        preview_author=author,
        at=last.created_at if last else room.created_at,
        unread=max(0, room.ordinal - membership.read_ordinal),
        rev=room.rev,
    )


def other_in(room: Room, member: User) -> User | None:
    """The other person of a 1:1 room, None in a group room."""
    if room.kind != Room.Kind.DIRECT:
        return None
    return room.high if room.low_id == member.pk else room.low


def room_name(room: Room, other: User | None, names: dict[int, str]) -> str:
    """What a member sees as the room's name; `names` holds their own names for people."""
    return room.name if other is None else names.get(other.pk) or other.name


def list_mark(member_id: int) -> int:
    """A number that changes whenever a room of the member does: it tells a page that its list is old."""
    mine = Room.objects.filter(memberships__member=member_id, memberships__ended_at=None)
    return mine.aggregate(mark=Sum("rev"))["mark"] or 0
