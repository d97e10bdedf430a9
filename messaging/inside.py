"""Who is in rooms right now, and the rooms themselves locked: what actions over many rooms begin with."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from messaging.models import Membership, Room


def lock_rooms(room_ids: Iterable[int]) -> list[Room]:
    """The rooms with their hosting companies, locked in the order of their ids until the transaction ends."""
    locked = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("hosting_company")
    return list(locked.filter(pk__in=list(room_ids)).order_by("pk"))


def live_in(rooms: Iterable[Room]) -> QuerySet[Membership]:
    """The live memberships of these rooms."""
    return Membership.objects.filter(room__in=[room.pk for room in rooms], ended_at=None)


def host_masters_in(rooms: Iterable[Room]) -> QuerySet[Membership]:
    """Those of them who are Group Master and active: each writable room has one at least."""
    return hosts_in(rooms).filter(role=Membership.Role.MASTER, member__is_active=True)


def hosts_in(rooms: Iterable[Room]) -> QuerySet[Membership]:
    """The live memberships that members of each room's own hosting company have in it."""
    return live_in(rooms).filter(member__company=F("room__hosting_company"))
