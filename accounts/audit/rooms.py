"""The names of rooms according to a company's own log only."""

from collections.abc import Collection

from django.db.models import Q
from django.db.models.fields.json import KeyTransform

from accounts.models import AuditEntry

# A 1:1 room has no name but those of the two.
BETWEEN_TWO = ("room.opened", "room.reopened")
NAMING = (
    *BETWEEN_TWO,
    "room.created",
    "room.edited",
    "room.members_added",
    "room.member_left",
    "room.member_removed",
    "room.member_withdrawn",
    "room.master_made",
    "room.handed_over",
    "room.stepped_down",
)
# A room, and the company whose log is asked; both by id.
InLog = tuple[int, int]


def told_rooms(wanted: Collection[InLog]) -> dict[InLog, AuditEntry]:
    """The newest entry in the company's log with the name of each of these rooms. One query."""
    told = AuditEntry.objects.filter(
        Q(event__in=BETWEEN_TWO) | Q(data__has_key="room_name"),
        event__in=NAMING,
        company__in={company for company, _room in wanted},
        data__room__in=sorted({room for _company, room in wanted}),
    )
    by_room = told.annotate(room=KeyTransform("room", "data")).order_by("company_id", "room", "-id")
    return {(entry.company_id, entry.data["room"]): entry for entry in by_room.distinct("company_id", "room")}
