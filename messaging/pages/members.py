"""The details panel: who is in a room, grouped by company, a page at a time."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Case, F, Q, QuerySet, Value, When

from accounts.models import Company, User
from contacts.policies import names_for
from messaging.models import Membership, Room

PAGE_SIZE = 50


@dataclass
class MemberRow:
    """One member of the room, as the viewer may act on them."""

    member: User
    is_master: bool
    is_you: bool
    can_be_removed: bool


@dataclass
class Members:
    """A page of a room's members: (company, rows) in order, and the number of the next page or 0."""

    groups: list[tuple[Company, list[MemberRow]]]
    next_page: int
    names: dict[int, str]


def members_page(viewer: User, room: Room, *, page: int = 1, query: str = "") -> Members:
    """The members who match `query`: the hosting company first, then by company; Masters first, then by name."""
    found = _ordered(room)
    if query:
        named = viewer.external_contacts.filter(name__icontains=query).values("person")
        found = found.filter(
            Q(member__name__icontains=query) | Q(member__company__name__icontains=query) | Q(member__in=named)
        )
    start = (page - 1) * PAGE_SIZE
    rows = list(found[start : start + PAGE_SIZE + 1])
    mine = Membership.objects.live().filter(room=room, member=viewer, role=Membership.Role.MASTER).exists()
    shown = [_row(viewer, room, row, manages=mine) for row in rows[:PAGE_SIZE]]
    groups = [(company, list(part)) for company, part in groupby(shown, lambda row: row.member.company) if company]
    names = names_for(viewer, [row.member.pk for row in shown])
    return Members(groups, page + 1 if len(rows) > PAGE_SIZE else 0, names)


def _ordered(room: Room) -> QuerySet[Membership]:
    host = Case(When(member__company=room.hosting_company_id, then=Value(0)), default=Value(1))
    master = Case(When(role=Membership.Role.MASTER, then=Value(0)), default=Value(1))
    live = Membership.objects.live().filter(room=room).select_related("member__company", "member__department")
    return live.order_by(host, "member__company__name", "member__company", master, F("member__name"), "pk")


def _row(viewer: User, room: Room, row: Membership, *, manages: bool) -> MemberRow:
    you = row.member_id == viewer.pk
    protected = row.member.company_id == room.hosting_company_id and viewer.company_id != room.hosting_company_id
    return MemberRow(row.member, row.role == Membership.Role.MASTER, you, manages and not you and not protected)


def others_in(room: Room, viewer: User) -> list[User]:
    """The room's active members except the viewer, with their companies."""
    inside = Membership.objects.live().active().filter(room=room).exclude(member=viewer)
    return list(User.objects.filter(pk__in=inside.values("member")).select_related("company"))


def masters_left(viewer: User, room: Room) -> bool:
    """Whether the hosting company keeps an active Group Master without `viewer`."""
    masters = Membership.objects.live().in_rooms([room]).of_hosts().masters().active()
    return masters.exclude(member=viewer).exists()


def last_of_host(viewer: User, room: Room) -> bool:
    """Whether only guests remain when `viewer` leaves, which freezes the room."""
    if viewer.company_id != room.hosting_company_id or not room.is_external:
        return False
    return not Membership.objects.live().in_rooms([room]).of_hosts().exclude(member=viewer).exists()
