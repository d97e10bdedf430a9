"""What a company decides about its partners."""

from accounts.models import Company, User
from federation.actions.side import change_side


def decide(*, company: Company, partner: Company, decision: str, actor: User | None) -> None:
    """Allow a partner, deny it, or leave it to the policy. The link opens only when both outcomes are allow."""
    change_side(company=company, actor=actor, decisions={partner: decision})


def set_partner_rule(*, company: Company, rule: str, actor: User | None) -> None:
    """Any company that also allows us, or approved partners only."""
    change_side(company=company, actor=actor, partner_rule=rule)
