"""Excluding people from External Group rooms, because their right to be there ended."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from accounts.models import Company, User
from federation.reasons import Reason
from messaging.actions.change import RoomChange
from messaging.actions.log import log_memberships
from messaging.actions.memberships import end_memberships
from messaging.ending import Ending
from messaging.lines import Line, line
from messaging.models import Membership, Room


def exclude_from_groups(rooms: Sequence[Room], memberships: Collection[int], right: Ending) -> None:
    """End these memberships of the locked `rooms`, with one line for each room and company."""
    ending = Membership.objects.live().filter(pk__in=memberships)
    rows = _with_members(ending.order_by("room_id", "member_id"))
    if rows:
        right.ended.excluded.update(row.member_id for row in rows)
        right.ended.rooms.update(row.room_id for row in rows)
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
    """One line for each room and company, however many people it is about."""
    gone: defaultdict[int, defaultdict[Company | None, list[User]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        gone[row.room_id][row.member.company].append(row.member)
    for room_id, by_company in gone.items():
        for people in by_company.values():
            change.line(room_id, _line(people, reason))


def _line(people: list[User], reason: str) -> Line:
    verb = "was" if len(people) == 1 else "were"
    why = "the account is no longer active" if reason == Reason.DEACTIVATED else "the external connection has ended"
    return line(f"{{people}} {verb} excluded: {why}", people=people)
