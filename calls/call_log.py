"""The calls of one member, and what rings for them, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from calls.models import Call, Participant
from calls.snapshots import ring_until
from contacts.models import Block
from contacts.policies import names_for
from messaging.models import Membership, Room

State = Participant.State
PAGE_SIZE = 50


@dataclass
class Ring:
    """A call that rings for the member."""

    call: Call
    caller: User
    room_name: str
    until: str


@dataclass
class CallRow:
    """One call as the member sees it."""

    call: Call
    room_id: int
    room_name: str
    is_external: bool
    other: User | None
    direction: str
    kind: str
    started_at: datetime
    seconds: int | None
    count: int
    can_call: bool


@dataclass
class Calls:
    """A page of rows, and the member's own names for the people in them."""

    page: "Page[Any]"
    names: dict[int, str]


def rings_for(member: User) -> tuple[list[Ring], dict[int, str]]:
    """The calls ringing for `member`, oldest first, with their own names for the callers. Two queries."""
    ringing = Participant.objects.of_live_calls().filter(member=member, state=State.RINGING, withheld=False)
    found = ringing.select_related("call__started_by__company", "call__room").order_by("pk")
    calls = [one.call for one in found]
    names = names_for(member, [call.started_by_id for call in calls])
    return [_ring(call, names) for call in calls], names


def _ring(call: Call, names: dict[int, str]) -> Ring:
    name = names.get(call.started_by_id) or call.started_by.name
    return Ring(call, call.started_by, call.room.name or name, ring_until(call).isoformat())


def calls_page(member: User, *, page: int = 1) -> Calls:
    """The calls `member` took part in or missed, in rooms they are in now, newest first."""
    paginator: Paginator[Any] = Paginator(_taken_part(member), PAGE_SIZE)
    found = paginator.get_page(page)
    mine = list(found.object_list)
    others = {person.pk: person for one in mine if (person := one.call.room.other_than(member)) is not None}
    names = names_for(member, others)
    blocked = set(Block.objects.filter(blocker=member, blocked__in=others).values_list("blocked_id", flat=True))
    rows = [_row(member, one, names, blocked) for one in mine]
    return Calls(Page(rows, found.number, paginator), names)


def _taken_part(member: User) -> QuerySet[Participant]:
    inside = Membership.objects.live().filter(room=OuterRef("call__room"), member=member)
    others = Participant.objects.filter(call=OuterRef("call"), joined_at__isnull=False).order_by().values("call")
    took_part = Coalesce(Subquery(others.annotate(count=Count("pk")).values("count")), 0)
    found = Participant.objects.filter(Exists(inside), member=member, withheld=False)
    related = found.select_related("call__room__low__company", "call__room__high__company", "call__started_by")
    return related.annotate(people=took_part).order_by(F("call__started_at").desc(), "-pk")


def _row(member: User, one: Participant, names: dict[int, str], blocked: set[int]) -> CallRow:
    call, room = one.call, one.call.room
    other = room.other_than(member)
    return CallRow(
        call=call,
        room_id=room.pk,
        room_name=room.name_for(member, names),
        is_external=room.is_external,
        other=_shown(other, room),
        direction=_direction(member, one),
        kind=call.kind,
        started_at=call.started_at,
        seconds=call.seconds,
        count=one.people,  # type: ignore[attr-defined]  # annotated
        can_call=room.frozen_at is None and (other is None or (other.is_active and other.pk not in blocked)),
    )


def _direction(member: User, one: Participant) -> str:
    if one.call.started_by_id == member.pk:
        return "outgoing"
    if one.joined_at is not None or one.state == State.RINGING:
        return "incoming"
    return "declined" if one.state == State.DECLINED else "missed"


def _shown(other: User | None, room: Room) -> User | None:
    """Hides the photos of people across a closed link, as the room does."""
    if other is not None and room.is_external and room.frozen_at is not None:
        other.photo = ""
    return other
