"""Rooms with given people."""

from collections.abc import Collection

from accounts.models import User
from messaging.models import Membership, Room
from messaging.pages.room_list import RoomRow, room_memberships, rows_of

# No one chooses from more rooms with the same people.
MAX_ROWS = 50


def rooms_with_exactly(member: User, people: Collection[User]) -> list[RoomRow]:
    """The member's group rooms with exactly these people and the member; newest activity first."""
    wanted = {member.pk, *(person.pk for person in people)}
    mine = Membership.objects.live().filter(member=member).values("room")
    exact = Room.objects.filter(pk__in=mine).with_exactly(wanted)
    found = room_memberships(member).filter(room__in=exact.values("pk")).order_by("-room__active_at", "-room_id")
    rows = rows_of(member, list(found[:MAX_ROWS]))
    for row in rows:
        row.member_count = len(wanted)
    return rows
