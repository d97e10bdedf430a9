"""Mastership passes on when the last Master of the hosting company goes."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef

from accounts.actions.audit import audit_many
from messaging.actions.change import RoomChange
from messaging.actions.log import log_memberships
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room


def pass_on_mastership(change: RoomChange, rooms: Sequence[Room]) -> None:
    """Make the longest-standing member of the hosting company Master where no active one is, and say so in `change`.

    The rooms are locked, the memberships as they will be. Four queries.
    """
    hosts = Membership.objects.live().in_rooms(rooms).of_hosts()
    needy = {room.pk for room in rooms} - set(hosts.masters().active().values_list("room_id", flat=True))
    # A deactivated Master keeps the role only where no other member of the company is left.
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
    for heir in fresh:
        change.system(heir.room_id, SystemMessage("room.master_passed", who=heir.member))


def pass_on_rooms(*, rooms: Sequence[Room], members: Collection[int]) -> None:
    """Pass on the mastership of deactivated members in locked internal rooms; they stay in the member list."""
    if not rooms:
        return
    change = RoomChange(rooms)
    pass_on_mastership(change, rooms)
    for row in _demote(members, rooms):
        change.system(row.room_id, SystemMessage("room.master_ended", who=row.member))
    change.save()


def _demote(members: Collection[int], rooms: Sequence[Room]) -> list[Membership]:
    """End the mastership of deactivated members where the hosting company has an active Master. Returns them."""
    masters = Membership.objects.live().in_rooms(rooms).masters()
    other = masters.of_hosts().active().filter(room=OuterRef("room"))
    theirs = masters.filter(member__in=members, member__is_active=False)
    rows = list(theirs.filter(Exists(other)).select_related("member__company"))
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(role=Membership.Role.MEMBER)
    log_memberships(rooms, rows, None, "room.masters_ended")
    return rows
