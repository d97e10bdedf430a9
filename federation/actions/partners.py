"""What a company decides about its partners."""

from django.db import transaction
from django.db.models import Q

from accounts.models import Company, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import carry_out
from federation.actions.links import ensure_links, lock_sides, policy_of, refresh_links
from federation.models import Decision, ExternalPolicy, Link
from federation.reasons import Reason


@transaction.atomic
def decide(*, company: Company, partner: Company, decision: str, actor: User | None) -> None:
    """Allow a partner, deny it, or leave it to the policy. The link opens only when both outcomes are allow."""
    policy = lock_sides(company)
    policy_of(partner)
    ensure_links(company, [partner.pk])
    side = "a" if company.pk < partner.pk else "b"
    between = Link.objects.filter(
        Q(company_a=company, company_b=partner) | Q(company_a=partner, company_b=company)
    ).exclude(**{f"{side}_decision": decision})
    if not between.update(**{f"{side}_decision": Decision(decision)}):
        return
    _refresh(company, policy, actor, "partner.decided", partner=partner.pk, decision=decision)


@transaction.atomic
def set_partner_rule(*, company: Company, rule: str, actor: User | None) -> None:
    """Any company that also allows us, or approved partners only."""
    policy = lock_sides(company)
    if policy.partner_rule == ExternalPolicy.PartnerRule(rule):
        return
    policy.partner_rule, policy.changed_by = ExternalPolicy.PartnerRule(rule), actor
    policy.save()
    _refresh(company, policy, actor, "partner_rule.changed", rule=rule)


def _refresh(company: Company, policy: ExternalPolicy, actor: User | None, event: str, **data: object) -> None:
    moves = refresh_links(company, policy)
    change = refresh_availability(company.pk)
    carry_out(
        company=company, change=change, moves=moves, reason=Reason.PARTNER_CLOSED, actor=actor, event=event, **data
    )
