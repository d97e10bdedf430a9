"""Suspending a company, and restoring it: for the operator of the deployment."""

from accounts.models import Company, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import carry_out
from federation.actions.links import lock_sides, refresh_links
from federation.models import Closing
from federation.reasons import Reason
from worksbridge.live.push import cut_sessions
from worksbridge.transactions import retried


@retried
def suspend_company(*, company: Company, actor: User | None) -> Closing | None:
    """Close all links of a company and sign its people out, until it is restored; twice changes nothing.

    Returns the closing when something external ended.
    """
    closing = _turn(company, actor, is_active=False)
    cut_sessions(company.members.values_list("pk", flat=True))
    return closing


@retried
def restore_company(*, company: Company, actor: User | None) -> None:
    """Let a company's people in again. Its links open as both sides say; what had ended stays ended."""
    _turn(company, actor, is_active=True)


def _turn(company: Company, actor: User | None, *, is_active: bool) -> Closing | None:
    policy = lock_sides(company)
    if not Company.objects.filter(pk=company.pk, is_active=not is_active).update(is_active=is_active):
        return None
    return carry_out(
        company=company,
        moves=refresh_links(company, policy),
        change=refresh_availability(company.pk),
        reason=Reason.COMPANY_OFF,
        actor=actor,
        events=[("company.restored" if is_active else "company.suspended", {})],
    )
