"""The members with external connection, stored as rows so that triggers can lock them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from federation.models import Availability
from federation.rules import granted_members


@dataclass
class Change:
    """The members that gained and lost external connection in a refresh."""

    gained: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


def refresh_availability(company_id: int, only: Iterable[int] | None = None) -> Change:
    """Bring the rows in line with the policy; the caller holds the policy's lock. Seven queries at most.

    `only` limits it to some members. Rows are locked in the order of members, as the triggers do.
    """
    live = Availability.objects.live().filter(member__company=company_id)
    wanted = granted_members(company_id)
    if only is not None:
        ids = list(only)
        live, wanted = live.filter(member__in=ids), wanted.filter(pk__in=ids)
    have = set(
        live.select_for_update(no_key=True, of=("self",)).order_by("member_id").values_list("member_id", flat=True)
    )
    want = set(wanted.values_list("pk", flat=True))
    change = Change(gained=sorted(want - have), lost=sorted(have - want))
    Availability.objects.live().filter(member__in=change.lost).update(ended_at=timezone.now())
    Availability.objects.bulk_create([Availability(member_id=pk) for pk in change.gained])
    return change
