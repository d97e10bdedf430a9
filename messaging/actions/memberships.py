"""Ending memberships, whatever ended them: what follows from it, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from federation.ended import Ended
from federation.models import Closing
from messaging.actions.lines import add_lines
from messaging.actions.log import log_for_inside
from messaging.actions.succession import pass_on_mastership
from messaging.ending import Ending
from messaging.inside import hosts_in, live_in
from messaging.lines import Line, line
from messaging.models import Membership, Room
from messaging.pushes import push_room
from messaging.recipients import members_of
from messaging.signals import membership_ended, room_frozen
from worksbridge.live.push import push

# Why a group room can only be read: nobody of its hosting company is left to manage it.
NO_HOST = "no_host"
# The room's revision before the lines about those who go.
_REV = Room.objects.filter(pk=OuterRef("room")).values("rev")


def end_memberships(
    *,
    rooms: Sequence[Room],
    rows: Sequence[Membership],
    reason: str,
    lines: Mapping[int, Sequence[Line]],
    right: Ending | None = None,
) -> None:
    """End `rows`, memberships of the locked group `rooms`, write `lines` and what follows from it, and tell everyone.

    Mastership passes on; a room without anyone of its hosting company freezes; one without external people is
    internal again. `right` is the right that ended, when that is why.
    """
    closing = right.closing if right else None
    ended = right.ended if right else Ended()
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(
        ended_at=timezone.now(), ended_reason=reason, ended_rev=Subquery(_REV), closing=closing
    )
    membership_ended.send(sender=Membership, memberships=rows, reason=reason, ended=ended)
    _make_internal(rooms)
    said: dict[int, list[Line]] = {room.pk: list(lines.get(room.pk, ())) for room in rooms}
    for room_id, passed_on in pass_on_mastership(rooms).items():
        said[room_id].append(passed_on)
    for room in _freeze_without_host(rooms, closing, ended):
        company = room.hosting_company.name
        said[room.pk].append(line("Nobody of {company} is left. This room can only be read now.", company=company))
    _tell(rooms, rows, said)


def _make_internal(rooms: Sequence[Room]) -> None:
    outside = live_in(rooms).filter(room=OuterRef("pk")).exclude(member__company=OuterRef("hosting_company"))
    Room.objects.filter(pk__in=[room.pk for room in rooms], is_external=True).exclude(Exists(outside)).update(
        is_external=False
    )


def _freeze_without_host(rooms: Sequence[Room], closing: Closing | None, ended: Ended) -> list[Room]:
    """Freeze the rooms in which only guests are left. Returns them."""
    hosted = set(hosts_in(rooms).values_list("room_id", flat=True))
    peopled = set(live_in(rooms).values_list("room_id", flat=True))
    left = [room for room in rooms if room.pk in peopled - hosted and room.frozen_at is None]
    Room.objects.filter(pk__in=[room.pk for room in left]).update(
        frozen_at=timezone.now(), frozen_reason=NO_HOST, closing=closing
    )
    if left:
        room_frozen.send(sender=Room, rooms=left, reason=NO_HOST, ended=ended)
        log_for_inside(left, live_in(left).select_related("member"), "room.frozen", reason=NO_HOST)
    return left


def _tell(rooms: Sequence[Room], rows: Sequence[Membership], said: Mapping[int, Sequence[Line]]) -> None:
    before = {room.pk: room.rev for room in rooms}
    lines = add_lines(said, rooms)
    staying = members_of(before)
    gone: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        gone[row.room_id].append(row.member_id)
    for room in rooms:
        push_room(room, staying.get(room.pk, []), after=before[room.pk], messages=lines[room.pk], refresh=True)
        push(gone[room.pk], {"type": "gone", "room": room.pk})
