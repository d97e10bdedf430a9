"""Ends memberships for any cause, with all consequences, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from federation.impact import Impact
from federation.models import Closing
from messaging.access_end import AccessEnd
from messaging.actions.change import RoomChange
from messaging.actions.log import log_for_inside
from messaging.actions.succession import pass_on_mastership
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room
from messaging.signals import membership_ended, room_frozen
from worksbridge.live.push import push

# The room's revision before the system messages about those who go.
_REV = Room.objects.filter(pk=OuterRef("room")).values("rev")


def end_memberships(
    change: RoomChange, rooms: Sequence[Room], rows: Sequence[Membership], reason: str, right: AccessEnd | None = None
) -> None:
    """End `rows`, memberships of the locked group `rooms`, say in `change` what follows from it, and save that.

    Mastership passes on; a room without anyone of its hosting company freezes; one without external people is
    internal again. `right` is the right that ended, when that is why.
    """
    closing = right.closing if right else None
    impact = right.impact if right else Impact()
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(
        ended_at=timezone.now(), ended_reason=reason, ended_rev=Subquery(_REV), closing=closing
    )
    membership_ended.send(sender=Membership, memberships=rows, reason=reason, impact=impact)
    _make_internal(rooms)
    pass_on_mastership(change, rooms)
    for room in _freeze_without_host(rooms, closing, impact):
        company = room.hosting_company.name
        change.system(room.pk, SystemMessage("room.frozen_no_host", company=company))
    change.save()
    gone: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        gone[row.room_id].append(row.member_id)
    for room_id, members in gone.items():
        push(members, {"type": "gone", "room": room_id, "reason": "access" if right else reason})


def _make_internal(rooms: Sequence[Room]) -> None:
    live = Membership.objects.live().in_rooms(rooms)
    outside = live.filter(room=OuterRef("pk")).exclude(member__company=OuterRef("hosting_company"))
    Room.objects.filter(pk__in=[room.pk for room in rooms], is_external=True).exclude(Exists(outside)).update(
        is_external=False
    )


def _freeze_without_host(rooms: Sequence[Room], closing: Closing | None, impact: Impact) -> list[Room]:
    """Freeze the rooms in which only guests are left. Returns them."""
    live = Membership.objects.live().in_rooms(rooms)
    hosted = set(live.of_hosts().values_list("room_id", flat=True))
    peopled = set(live.values_list("room_id", flat=True))
    left = [room for room in rooms if room.pk in peopled - hosted and room.frozen_at is None]
    Room.objects.filter(pk__in=[room.pk for room in left]).update(
        frozen_at=timezone.now(), frozen_reason=Room.FrozenReason.NO_HOST, closing=closing
    )
    if left:
        room_frozen.send(sender=Room, rooms=left, reason=Room.FrozenReason.NO_HOST, impact=impact)
        inside = Membership.objects.live().in_rooms(left).select_related("member")
        log_for_inside(left, inside, "room.frozen", reason=Room.FrozenReason.NO_HOST)
    return left
