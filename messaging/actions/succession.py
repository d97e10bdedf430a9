"""Mastership passes on when the last Master of the hosting company goes."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Exists, OuterRef

from accounts.actions.audit import audit_many
from messaging.actions.lines import add_lines
from messaging.actions.log import log_memberships
from messaging.inside import host_masters_in, hosts_in, live_in
from messaging.lines import Line, line
from messaging.models import Membership, Room
from messaging.pushes import push_room
from messaging.recipients import members_of


def pass_on_mastership(rooms: Sequence[Room]) -> dict[int, Line]:
    """Make the longest-standing member of the hosting company Master where no active one is; a line for each room.

    The rooms are locked, the memberships as they will be. Four queries.
    """
    hosts = hosts_in(rooms)
    needy = {room.pk for room in rooms} - set(host_masters_in(rooms).values_list("room_id", flat=True))
    # Somebody deactivated holds the place only where nobody else of the company is left.
    heirs = list(
        hosts.filter(room__in=needy)
        .order_by("room", "-member__is_active", "joined_at", "pk")
        .distinct("room")
        .select_related("member__company")
        if needy
        else []
    )
    fresh = [heir for heir in heirs if heir.role != Membership.Role.MASTER]
    Membership.objects.filter(pk__in=[heir.pk for heir in fresh]).update(role=Membership.Role.MASTER)
    hosts_of = {room.pk: room.hosting_company_id for room in rooms}
    audit_many(
        [
            (hosts_of[heir.room_id], "room.master_passed", {"room": heir.room_id, "member": heir.member_id})
            for heir in fresh
        ],
        None,
    )
    return {heir.room_id: line("{who} is now Group Master", who=heir.member) for heir in fresh}


def pass_on_rooms(*, rooms: Sequence[Room], members: Collection[int]) -> None:
    """Hand over the locked group rooms that deactivated members hold inside their company; they stay in the list."""
    if not rooms:
        return
    said: dict[int, list[Line]] = {room.pk: [] for room in rooms}
    for room_id, passed_on in pass_on_mastership(rooms).items():
        said[room_id].append(passed_on)
    for row in _demote(members, rooms):
        said[row.room_id].append(line("{who} is no longer Group Master", who=row.member))
    _tell([room for room in rooms if said[room.pk]], said)


def _demote(members: Collection[int], rooms: Sequence[Room]) -> list[Membership]:
    """The deactivated are Masters no more, where an active one of the hosting company is there. Returns them."""
    other = host_masters_in(rooms).filter(room=OuterRef("room"))
    theirs = live_in(rooms).filter(member__in=members, member__is_active=False, role=Membership.Role.MASTER)
    rows = list(theirs.filter(Exists(other)).select_related("member__company"))
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(role=Membership.Role.MEMBER)
    log_memberships(rooms, rows, None, "room.masters_ended")
    return rows


def _tell(rooms: Sequence[Room], said: Mapping[int, Sequence[Line]]) -> None:
    before = {room.pk: room.rev for room in rooms}
    lines = add_lines(said, rooms)
    inside = members_of(before)
    for room in rooms:
        push_room(room, inside.get(room.pk, []), after=before[room.pk], messages=lines[room.pk], refresh=True)
