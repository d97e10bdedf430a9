"""One company's side, changed as a whole: what is decided together is carried out once.

One after the other would not do: with "approved partners only" first and "allow this partner" second, the link would
close and open again, and everything that ended with the close would stay ended.
"""

from collections.abc import Mapping
from typing import Any

from accounts.models import Company, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import Event, carry_out
from federation.actions.links import Moves, ensure_links, lock_links, lock_sides, policy_of, refresh_links
from federation.models import Decision, ExternalPolicy, Link
from federation.reasons import Reason
from worksbridge.transactions import retried


@retried
def change_side(
    *,
    company: Company,
    actor: User | None,
    allows: bool | None = None,
    grant_to: str | None = None,
    partner_rule: str | None = None,
    decisions: Mapping[Company, str] | None = None,
) -> None:
    """Change what is given of a company's side; what stays as it is changes nothing and tells nobody.

    `decisions` maps partners to what is decided about them. Raises ValueError for a choice that does not exist.
    """
    policy = lock_sides(company)
    wanted = {"allows": allows, "grant_to": grant_to, "partner_rule": partner_rule}
    events = _change_policy(policy, {name: value for name, value in wanted.items() if value is not None}, actor)
    if allows and events:
        others = ExternalPolicy.objects.filter(allows=True).exclude(company=company)
        ensure_links(company, others.values_list("company_id", flat=True))
    events += _decide(company, decisions or {})
    if not events:
        return
    # Links first, also when they do not move: it is the order in which everyone locks.
    moves = refresh_links(company, policy)
    change = refresh_availability(company.pk)
    reason = _reason(events, moves)
    carry_out(company=company, change=change, moves=moves, reason=reason, actor=actor, events=events)


def _change_policy(policy: ExternalPolicy, wanted: dict[str, Any], actor: User | None) -> list[Event]:
    if "grant_to" in wanted:
        wanted["grant_to"] = ExternalPolicy.GrantTo(wanted["grant_to"])
    if "partner_rule" in wanted:
        wanted["partner_rule"] = ExternalPolicy.PartnerRule(wanted["partner_rule"])
    changed = {name: value for name, value in wanted.items() if getattr(policy, name) != value}
    if not changed:
        return []
    for name, value in changed.items():
        setattr(policy, name, value)
    policy.changed_by = actor
    policy.save()
    return [_event(name, value) for name, value in changed.items()]


def _event(name: str, value: Any) -> Event:
    if name == "allows":
        return ("external_connection.on" if value else "external_connection.off"), {}
    if name == "grant_to":
        return "member_grant.changed", {"grant_to": str(value)}
    return "partner_rule.changed", {"rule": str(value)}


def _decide(company: Company, decisions: Mapping[Company, str]) -> list[Event]:
    if company in decisions:
        raise ValueError("a company decides about others")
    if not decisions:
        return []
    for partner in decisions:
        policy_of(partner)
    ensure_links(company, [partner.pk for partner in decisions])
    # All of them by id before any is changed: whoever adds people locks several at once.
    links = {link.company_a_id + link.company_b_id - company.pk: link for link in lock_links(company)}
    return [event for partner, decision in decisions.items() for event in _turn(company, links[partner.pk], decision)]


def _turn(company: Company, link: Link, decision: str) -> list[Event]:
    mine = "a_decision" if link.company_a_id == company.pk else "b_decision"
    if getattr(link, mine) == decision:
        return []
    Link.objects.filter(pk=link.pk).update(**{mine: Decision(decision)})
    partner = link.company_a_id + link.company_b_id - company.pk
    return [("partner.decided", {"partner": partner, "decision": str(decision)})]


def _reason(events: list[Event], moves: Moves) -> Reason:
    if any(event == "external_connection.off" for event, _data in events):
        return Reason.COMPANY_OFF
    return Reason.PARTNER_CLOSED if moves.closed else Reason.GRANT_WITHDRAWN
