"""A company's switch, and its grants of external connection."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Company, Department, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import carry_out
from federation.actions.links import locked_policy, refresh_links
from federation.actions.side import change_side
from federation.models import Closing, ExternalPolicy, MemberGrant
from federation.reasons import Reason
from worksbridge.errors import NotFound
from worksbridge.transactions import retried


def set_external_connection(*, company: Company, allows: bool, actor: User | None) -> Closing | None:
    """Switch external connection on or off for a company; doing it twice changes nothing."""
    return change_side(company=company, actor=actor, allows=allows)


@retried
def grant_members(
    *, company: Company, members: Iterable[User] = (), departments: Iterable[Department] = (), actor: User | None
) -> int:
    """Choose members and departments for external connection; says how many were not chosen before.

    A grant to a department includes the departments below it. Raises NotFound for those of another company.
    """
    locked_policy(company)
    had = MemberGrant.objects.filter(company=company)
    known = set(had.values_list("member_id", "department_id"))
    grants = [MemberGrant(company=company, member=member, granted_by=actor) for member in members]
    grants += [MemberGrant(company=company, department=part, granted_by=actor) for part in departments]
    for grant in grants:
        owner = grant.member or grant.department
        if owner is None or owner.company_id != company.pk:
            raise NotFound
    fresh = [grant for grant in grants if (grant.member_id, grant.department_id) not in known]
    if fresh:
        MemberGrant.objects.bulk_create(fresh, ignore_conflicts=True)
        _refresh(company, actor, "member_grant.given", _names(fresh))
    return len(fresh)


@retried
def withdraw_members(
    *, company: Company, members: Iterable[User] = (), departments: Iterable[Department] = (), actor: User | None
) -> Closing | None:
    """Choose members and departments no longer; their external rooms end as the product says.

    Returns the closing when something ended.
    """
    locked_policy(company)
    grants = MemberGrant.objects.filter(company=company)
    going = [*grants.filter(member__in=list(members)), *grants.filter(department__in=list(departments))]
    if not going:
        return None
    MemberGrant.objects.filter(pk__in=[grant.pk for grant in going]).delete()
    names = _names(going)
    return _refresh(company, actor, "member_grant.withdrawn", names, changed={"grants": [names, {}]})


def _names(grants: list[MemberGrant]) -> dict[str, list[int]]:
    return {
        "members": [grant.member_id for grant in grants if grant.member_id],
        "departments": [grant.department_id for grant in grants if grant.department_id],
    }


def _refresh(
    company: Company, actor: User | None, event: str, names: dict[str, list[int]], changed: dict[str, Any] | None = None
) -> Closing | None:
    policy = ExternalPolicy.objects.get(company=company)
    # Links first, also when they do not move: it is the order in which everyone locks.
    moves = refresh_links(company, policy)
    change = refresh_availability(company.pk)
    return carry_out(
        company=company,
        change=change,
        moves=moves,
        reason=Reason.GRANT_WITHDRAWN,
        actor=actor,
        events=[(event, dict(names))],
        changed=changed,
    )
