"""A company's switch and whom it grants external connection."""

from collections.abc import Iterable

from accounts.models import Company, Department, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import carry_out
from federation.actions.links import locked_policy, refresh_links
from federation.actions.side import change_side
from federation.models import ExternalPolicy, MemberGrant
from federation.reasons import Reason
from worksbridge.errors import NotFound
from worksbridge.transactions import retried


def set_external_connection(*, company: Company, allows: bool, actor: User | None) -> None:
    """Switch external connection on or off for a company; doing it twice changes nothing."""
    change_side(company=company, actor=actor, allows=allows)


def set_member_grant(*, company: Company, grant_to: str, actor: User | None) -> None:
    """Grant external connection to all members, or to the chosen ones."""
    change_side(company=company, actor=actor, grant_to=grant_to)


@retried
def grant_members(
    *, company: Company, members: Iterable[User] = (), departments: Iterable[Department] = (), actor: User | None
) -> None:
    """Choose members and departments for external connection. Raises NotFound for those of another company."""
    locked_policy(company)
    grants = [MemberGrant(company=company, member=member, granted_by=actor) for member in members]
    grants += [MemberGrant(company=company, department=part, granted_by=actor) for part in departments]
    for grant in grants:
        owner = grant.member or grant.department
        if owner is None or owner.company_id != company.pk:
            raise NotFound
    MemberGrant.objects.bulk_create(grants, ignore_conflicts=True)
    _refresh(company, actor, "member_grant.given", **_names(grants))


@retried
def withdraw_members(
    *, company: Company, members: Iterable[User] = (), departments: Iterable[Department] = (), actor: User | None
) -> None:
    """Choose members and departments no longer; their external rooms end as the product says."""
    locked_policy(company)
    grants = MemberGrant.objects.filter(company=company)
    going = [*grants.filter(member__in=list(members)), *grants.filter(department__in=list(departments))]
    MemberGrant.objects.filter(pk__in=[grant.pk for grant in going]).delete()
    _refresh(company, actor, "member_grant.withdrawn", **_names(going))


def _names(grants: list[MemberGrant]) -> dict[str, list[int]]:
    return {
        "members": [grant.member_id for grant in grants if grant.member_id],
        "departments": [grant.department_id for grant in grants if grant.department_id],
    }


def _refresh(company: Company, actor: User | None, event: str, **data: object) -> None:
    policy = ExternalPolicy.objects.get(company=company)
    # Links first, also when they do not move: it is the order in which everyone locks.
    moves = refresh_links(company, policy)
    change = refresh_availability(company.pk)
    carry_out(
        company=company,
        change=change,
        moves=moves,
        reason=Reason.GRANT_WITHDRAWN,
        actor=actor,
        events=[(event, data)],
    )
