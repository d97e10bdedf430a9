"""The outcome of a company's policy: which members have external connection, and which partners it allows."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.department_tree import with_those_below
from accounts.models import User
from federation.models import Decision, ExternalPolicy, MemberGrant


def granted_members(company_id: int) -> QuerySet[User]:
    """The members who should have external connection, by the company's policy as it is now."""
    members = User.objects.filter(company=company_id, is_active=True, company__is_active=True)
    policy = ExternalPolicy.objects.filter(company=company_id, allows=True).first()
    if policy is None:
        return members.none()
    if policy.grant_to == ExternalPolicy.GrantTo.ALL:
        return members
    return members.filter(chosen(company_id))


def chosen(company_id: int) -> Q:
    """Whom the administrator has chosen: by name, or with their department or one above it. One query."""
    grants = MemberGrant.objects.filter(company=company_id)
    departments = grants.filter(department__isnull=False).values_list("department_id", flat=True)
    by_name = Q(Exists(grants.filter(member=OuterRef("pk"))))
    return by_name | Q(department__in=with_those_below(company_id, departments))


def outcome(policy: ExternalPolicy, decision: str, *, active: bool) -> bool:
    """Whether one side allows a partner: its switch, then its decision, then its rule for all others.

    A decision that has expired is made another one by `federation.actions.expiring`, which says so to everybody.
    """
    if not policy.allows or not active or decision == Decision.DENY:
        return False
    return decision == Decision.ALLOW or policy.partner_rule == ExternalPolicy.PartnerRule.ANY
