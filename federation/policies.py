"""Questions about consent. They change nothing; the database enforces the same answers."""

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, When

from accounts.models import User
from federation.conditions import Facts, obstacle, unavailable
from federation.models import Availability, Link
from federation.reasons import Reason, reason_text

__all__ = ["is_available", "may_reach", "reachable_companies", "reachable_people", "reason_text", "unavailable_reason"]
__all__ += ["available_ids", "why_not"]


def is_available(member: User) -> bool:
    """Whether external connection is available to `member`: company allows, member granted and active."""
    return Availability.objects.live().filter(member=member).exists()


def available_ids(member_ids: Iterable[int]) -> set[int]:
    """Which of these members have external connection available, in one query."""
    live = Availability.objects.live().filter(member__in=list(member_ids))
    return set(live.values_list("member_id", flat=True))


def unavailable_reason(member: User) -> Reason | None:
    """Why `member` has no external connection, or None when they have."""
    return None if is_available(member) else unavailable(member, Facts([member]))


def reachable_companies(member: User) -> QuerySet[Link, int]:
    """The ids of the companies whose link with the member's company is open."""
    mine = Q(company_a=member.company_id) | Q(company_b=member.company_id)
    partner = Case(When(company_a=member.company_id, then=F("company_b")), default=F("company_a"))
    return Link.objects.filter(mine, is_open=True).values_list(partner, flat=True)


def reachable_people(member: User) -> QuerySet[User]:
    """The external users `member` may find and add; none while the member has no external connection."""
    if not is_available(member):
        return User.objects.none()
    granted = Availability.objects.live()
    return User.objects.filter(is_active=True, company__in=reachable_companies(member), availabilities__in=granted)


def open_links(company_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Which pairs of these companies (lower id first) have both allowed each other. One query."""
    ids = set(company_ids)
    between = Link.objects.filter(company_a__in=ids, company_b__in=ids, is_open=True)
    return set(between.values_list("company_a_id", "company_b_id"))


def why_not(member: User, other: User) -> str | None:
    """Why `member` may not reach `other`, as a sentence `member` may read; None when they may."""
    if member.company_id is not None and member.company_id == other.company_id:
        return None
    reason = obstacle(member, other, Facts([member, other]))
    return None if reason is None else reason_text(reason)


def may_reach(member: User, other: User) -> bool:
    """Whether two people may talk: same company, or link open and both granted."""
    return why_not(member, other) is None
