"""What a company decides about its partners."""

from datetime import datetime

from accounts.models import Company, User
from federation.actions.side import change_side
from federation.models import Closing
from federation.partner_decision import PartnerDecision


def decide(
    *, company: Company, partner: Company, decision: str, actor: User | None, expires_at: datetime | None = None
) -> Closing | None:
    """Allow a partner (until `expires_at`, if given), deny it, or leave it to the policy.

    The link opens only when both outcomes are allow. Returns the closing when something ended.
    """
    return change_side(company=company, actor=actor, decisions={partner: PartnerDecision(decision, expires_at)})


def set_partner_rule(*, company: Company, rule: str, actor: User | None) -> Closing | None:
    """Any company that also allows us, or approved partners only. Returns the closing when something ended."""
    return change_side(company=company, actor=actor, partner_rule=rule)
