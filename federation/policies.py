"""Questions about consent. They change nothing; the database enforces the same answers."""

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, When

from accounts.models import User
from federation.models import Availability, ExternalPolicy, Link
from federation.reasons import Reason, reason_text

__all__ = ["is_available", "may_reach", "reachable_companies", "reachable_people", "reason_text", "unavailable_reason"]
__all__ += ["available_ids", "why_not"]


def is_available(member: User) -> bool:
    """Whether external connection is available to `member`: company allows, member granted and active."""
    return Availability.objects.filter(member=member, ended_at=None).exists()


def available_ids(member_ids: Iterable[int]) -> set[int]:
    """Which of these members have external connection available, in one query."""
    live = Availability.objects.filter(member__in=list(member_ids), ended_at=None)
    return set(live.values_list("member_id", flat=True))


def unavailable_reason(member: User) -> Reason | None:
    """Why `member` has no external connection, or None when they have."""
    if is_available(member):
        return None
    if member.company_id is None:
        return Reason.NO_COMPANY
    allows = ExternalPolicy.objects.filter(company=member.company_id, allows=True, company__is_active=True).exists()
    return Reason.OWN_NOT_GRANTED if allows else Reason.OWN_COMPANY_OFF


def reachable_companies(member: User) -> QuerySet[Link, int]:
    """The ids of the companies whose link with the member's company is open."""
    mine = Q(company_a=member.company_id) | Q(company_b=member.company_id)
    partner = Case(When(company_a=member.company_id, then=F("company_b")), default=F("company_a"))
    return Link.objects.filter(mine, is_open=True).values_list(partner, flat=True)


def reachable_people(member: User) -> QuerySet[User]:
    """The external users whom `member` may find and add; nobody while the member has no external connection."""
    if not is_available(member):
        return User.objects.none()
    granted = Availability.objects.filter(ended_at=None)
    return User.objects.filter(is_active=True, company__in=reachable_companies(member), availabilities__in=granted)


def link_between(one: int | None, other: int | None) -> Link | None:
    """The link of two companies, if they ever had to do with each other."""
    if one is None or other is None:
        return None
    return Link.objects.filter(company_a=min(one, other), company_b=max(one, other)).first()


def why_not(member: User, other: User) -> str | None:
    """Why `member` may not reach `other`, as a sentence `member` may read; None when they may."""
    if member.company_id is not None and member.company_id == other.company_id:
        return None
    reason = _first_obstacle(member, other)
    return None if reason is None else reason_text(reason)


def _first_obstacle(member: User, other: User) -> Reason | None:
    available = available_ids([member.pk, other.pk])
    if member.pk not in available:
        return unavailable_reason(member)
    link = link_between(member.company_id, other.company_id)
    if link is None or not link.is_open:
        mine = link and (link.a_allows if link.company_a_id == member.company_id else link.b_allows)
        # Without a row the other side never allowed anything.
        return Reason.OWN_PARTNER if link is not None and not mine else Reason.OTHER_COMPANY
    return None if other.pk in available else Reason.OTHER_PERSON


def may_reach(member: User, other: User) -> bool:
    """Whether two people may talk: same company, or link open and both granted."""
    return why_not(member, other) is None
