"""Excluding people from External Group rooms, because their right to be there ended."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from accounts.models import Company, User
from federation.reasons import Reason
from messaging.access_end import AccessEnd
from messaging.actions.change import RoomChange
from messaging.actions.log import log_memberships
from messaging.actions.memberships import end_memberships
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room


def exclude_from_groups(rooms: Sequence[Room], memberships: Collection[int], right: AccessEnd) -> None:
    """End these memberships of the locked `rooms`, with one system message for each room and company."""
    ending = Membership.objects.live().filter(pk__in=memberships)
    rows = _with_members(ending.order_by("room_id", "member_id"))
    if rows:
        right.impact.excluded.update(row.member_id for row in rows)
        right.impact.rooms.update(row.room_id for row in rows)
        change = RoomChange(rooms)
        _say(change, rows, right.reason)
        end_memberships(change, rooms, rows, right.reason, right)
        log_memberships(rooms, rows, right.actor, "room.excluded", reason=str(right.reason))


def _with_members(memberships: QuerySet[Membership]) -> list[Membership]:
    """The memberships with their members, each person loaded once however many rooms they are in."""
    rows = list(memberships.only("room", "member"))
    people = User.objects.select_related("company").in_bulk({row.member_id for row in rows})
    for row in rows:
        row.member = people[row.member_id]
    return rows


def _say(change: RoomChange, rows: Sequence[Membership], reason: str) -> None:
    """One system message for each room and company, however many people it is about."""
    event = "room.members_deactivated" if reason == Reason.DEACTIVATED else "room.members_excluded"
    gone: defaultdict[int, defaultdict[Company | None, list[User]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        gone[row.room_id][row.member.company].append(row.member)
    for room_id, by_company in gone.items():
        for people in by_company.values():
            change.system(room_id, SystemMessage(event, people=people))
