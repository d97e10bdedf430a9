"""Who is in rooms right now, as plain ids: the recipients of pushes."""

from collections import defaultdict
from collections.abc import Iterable

from messaging.models import Membership


def members_of(room_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the members in each room, in one query."""
    rows = Membership.objects.filter(room_id__in=list(room_ids), ended_at=None).values_list("room_id", "member_id")
    members: defaultdict[int, list[int]] = defaultdict(list)
    for room_id, member_id in rows:
        members[room_id].append(member_id)
    return members
