"""What a company decides about its partners, one by one."""

from collections.abc import Mapping

from django.utils import timezone

from accounts.models import Company, User
from federation.actions.effects import Event
from federation.actions.links import ensure_links, lock_links, policy_of
from federation.actions.policy_changes import Changed
from federation.models import Decision, Link
from federation.partner_decision import PartnerDecision


def decide(company: Company, decisions: Mapping[Company, PartnerDecision], actor: User | None) -> Changed:
    """Store the decisions that differ; returns them by the partner's id, as a closing keeps them.

    Raises ValueError when the company decides about itself.
    """
    if company in decisions:
        raise ValueError("a company decides about others")
    if not decisions:
        return {}
    for partner in decisions:
        policy_of(partner)
    ensure_links(company, [partner.pk for partner in decisions])
    # Lock all of them in id order before any changes: adding people also locks several.
    links = {link.partner_id(company.pk): link for link in lock_links(company)}
    found = {}
    for partner, wanted in decisions.items():
        side = links[partner.pk].side(company.pk)
        before = PartnerDecision(side.decision, side.expires_at)
        if before != wanted:
            store_decision(links[partner.pk], company, wanted, actor)
            found[str(partner.pk)] = [before.stored(), wanted.stored()]
    return found


def store_decision(link: Link, company: Company, wanted: PartnerDecision, actor: User | None) -> None:
    """Store the company's decision on its side of a locked link, without its consequences."""
    link.write_side(
        company.pk,
        decision=Decision(wanted.decision),
        expires_at=wanted.expires_at,
        decided_at=timezone.now(),
        decided_by=actor,
        reminded_at=None,
    )


def decision_events(decided: Changed, *, expiring: bool) -> list[Event]:
    """The audit events of decisions. `expiring`: the expiry date made them, not a person."""
    event = "partner.expired" if expiring else "partner.decided"
    return [(event, {"partner": int(pk), "before": before, "after": after}) for pk, (before, after) in decided.items()]
