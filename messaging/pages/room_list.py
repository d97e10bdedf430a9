"""The room list of one member, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.urls import reverse

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.policies import names_for
from messaging.message.markup import preview
from messaging.message.system import to_text
from messaging.models import Membership, Message, Room
from worksbridge.ui.searching import searched

# More rooms than anyone scrolls through; the rest is found by search.
MAX_ROWS = 1_000
# How many a page shows at first: to write a row as HTML takes ten times as long as to find it.
FIRST = 100
# The columns of a row: with all others Django would build more SQL and objects for each list.
_SHOWN = (
    *("pinned_at", "muted_at", "hidden_rev", "marked_unread_at", "settings_rev", "read_ordinal", "withheld_ahead"),
    *(f"room__{name}" for name in ("kind", "name", "photo", "is_external", "frozen_at", "created_at")),
    *(f"room__{name}" for name in ("rev", "ordinal", "low_id", "high_id")),
    *(f"room__{side}__{name}" for side in ("low", "high") for name in ("name", "photo")),
)
# Knuth's multiplier, which spreads numbers that follow each other over 32 bits.
SPREAD = 2_654_435_761


class Filter(StrEnum):
    """Which rooms the list shows."""

    ALL = "all"
    UNREAD = "unread"
    EXTERNAL = "external"
    PINNED = "pinned"


@dataclass
class RoomRow:
    """One row of the room list, as this member sees it."""

    id: int
    name: str
    is_external: bool
    is_frozen: bool
    person: User | None
    photo_url: str
    seq: int
    preview: str
    preview_author: str
    at: datetime
    unread: int
    is_pinned: bool
    is_muted: bool
    is_hidden: bool
    is_marked_unread: bool
    rev: int
    mark: int
    member_count: int = 0

    @property
    def url(self) -> str:
        """Where the row leads."""
        return reverse("messaging:room", args=[self.id])

    def passes(self, wanted: Filter) -> bool:
        """Whether the filter `wanted` shows the row."""
        return {
            Filter.ALL: True,
            Filter.UNREAD: bool(self.unread) or self.is_marked_unread,
            Filter.EXTERNAL: self.is_external,
            Filter.PINNED: self.is_pinned,
        }[wanted]


def room_rows(member: User, *, wanted: Filter = Filter.ALL, query: str = "") -> list[RoomRow]:
    """The member's rooms, pinned ones first, then by newest visible activity.

    `query` finds rooms by name or by a person in them, hidden rooms too; otherwise those are left out.
    """
    memberships = _memberships(member)
    found = memberships.filter(_matching(member, query)) if query else memberships
    rows = rows_of(member, list(found[:MAX_ROWS]))
    shown = [row for row in rows if row.passes(wanted) and (query or not row.is_hidden)]
    return sorted(shown, key=lambda row: (row.is_pinned, row.at, row.id), reverse=True)


def rows_of(member: User, memberships: list[Membership]) -> list[RoomRow]:
    """Rows for memberships from `room_memberships`. Two queries."""
    last_ids = {row.pk: getattr(row, "last_id", None) for row in memberships}
    last = Message.objects.select_related("author").in_bulk({pk for pk in last_ids.values() if pk})
    names = names_for(member, _people(memberships, last))
    return [_row(member, row, last.get(last_ids[row.pk] or 0), names) for row in memberships]


def room_memberships(member: User) -> QuerySet[Membership]:
    """The member's live memberships with their rooms, each with the id of the last message the member may see."""
    seen = Message.objects.visible_to(member.pk).filter(room=OuterRef("room")).order_by("-seq")
    return (
        Membership.objects.live()
        .filter(member=member)
        .select_related("room__low", "room__high")
        .only(*_SHOWN)
        .annotate(last_id=Subquery(seen.values("pk")[:1]))
    )


def _memberships(member: User) -> QuerySet[Membership]:
    return room_memberships(member).order_by(F("pinned_at").desc(nulls_last=True), "-room__active_at", "-room_id")


def _people(memberships: list[Membership], last: dict[int, Message]) -> set[int]:
    inside = {pk for row in memberships for pk in (row.room.low_id, row.room.high_id) if pk}
    authors = {message.author_id for message in last.values() if message.author_id}
    return inside | authors | {int(pk) for message in last.values() for pk in message.data.get("people", {})}


def _matching(member: User, query: str) -> Q:
    """By the room's name, a person's name, or the member's own name for a person."""
    named = member.external_contacts.filter(name__icontains=query).values("person")
    people = Membership.objects.live().filter(room__memberships__member=member).exclude(member=member)
    people = people.filter(Q(member__name__icontains=query) | Q(member__in=named))
    return Q(room__name__icontains=query) | Q(room__in=people.values("room"))


def _row(member: User, membership: Membership, last: Message | None, names: dict[int, str]) -> RoomRow:
    room = membership.room
    other = room.other_than(member)
    author = ""
    if last is not None and last.author is not None and room.kind == Room.Kind.GROUP and last.author_id != member.pk:
        author = names.get(last.author_id or 0) or last.author.name
    hidden = membership.hidden_rev
    return RoomRow(
        id=room.pk,
        name=room.name_for(member, names),
        is_external=room.is_external,
        is_frozen=room.frozen_at is not None,
        person=other,
        photo_url=room.photo_url,
        seq=last.seq if last else 0,
        preview=_preview(member, last, names) if last else "",
        preview_author=author,
        at=last.created_at if last else room.created_at,
        unread=unread_of(membership),
        is_pinned=membership.pinned_at is not None,
        is_muted=membership.muted_at is not None,
        is_hidden=hidden is not None and (last is None or last.seq <= hidden),
        is_marked_unread=membership.marked_unread_at is not None,
        rev=room.rev,
        mark=membership.pk * SPREAD % 2**32 + room.rev + membership.settings_rev,
    )


def _preview(member: User, message: Message, names: dict[int, str]) -> str:
    """The message in one line; a system message in the member's language, with people as they know them."""
    if message.kind != Message.Kind.TEXT:
        return to_text(message.event, company_id=member.company_id, names=names)
    return preview(message.body)


def unread_of(membership: Membership) -> int:
    """The number of unread messages, from counters; withheld messages do not count."""
    return max(0, membership.room.ordinal - membership.read_ordinal - membership.withheld_ahead)


def list_mark(member_id: int) -> int:
    """A number that changes whenever one of the member's rooms does, or is added or removed: pages compare it."""
    mine = Membership.objects.live().filter(member=member_id)
    # Each membership has a number of its own, so that one that went cannot look like messages that came elsewhere.
    own = F("pk") * Value(SPREAD, BigIntegerField()) % Value(2**32, BigIntegerField())
    return (
        mine.aggregate(mark=Sum(own + F("room__rev") + F("settings_rev"), output_field=BigIntegerField()))["mark"] or 0
    )


def list_context(request: MemberRequest, open_room: int | None = None) -> dict[str, Any]:
    """What the room list's template needs; `filter` and `q` of the address choose the rooms.

    The first ones and the open one, unless `rows` is "all".
    """
    wanted = request.GET.get("filter", "")
    chosen = Filter(wanted) if wanted in list(Filter) else Filter.ALL
    query = searched(request.GET.get("q", ""))
    rows = room_rows(request.user, wanted=chosen, query=query)
    shown = rows if request.GET.get("rows") == "all" else _first(rows, open_room)
    return {
        "rooms": shown,
        "more_rooms": len(rows) > len(shown),
        "list_mark": list_mark(request.user.pk),
        "filter": chosen.value,
        "query": query,
    }


def _first(rows: list[RoomRow], open_room: int | None) -> list[RoomRow]:
    return rows[:FIRST] + [row for row in rows[FIRST:] if row.id == open_room]
