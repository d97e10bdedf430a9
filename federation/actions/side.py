"""One company's side, changed as a whole: what is decided together is carried out once.

One after the other would not do: with "approved partners only" first and "allow this partner" second, the link would
close and open again, and everything that ended with the close would stay ended.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Company, User
from federation.actions.availability import refresh_availability
from federation.actions.effects import Event, carry_out
from federation.actions.links import Moves, ensure_links, lock_links, lock_sides, policy_of, refresh_links
from federation.models import Closing, Decision, ExternalPolicy, Link
from federation.partner_decision import PartnerDecision
from federation.reasons import Reason
from worksbridge.transactions import retried

# What was and what will be, by name: what undoing puts back, and what the audit log says.
Changed = dict[str, Any]


@retried
def change_side(
    *,
    company: Company,
    actor: User | None,
    allows: bool | None = None,
    grant_to: str | None = None,
    partner_rule: str | None = None,
    decisions: Mapping[Company, PartnerDecision | str] | None = None,
    expiring: bool = False,
) -> Closing | None:
    """Change what is given of a company's side; what stays as it is changes nothing and tells nobody.

    `decisions` maps partners to what is decided about them; `expiring` says that a date does it, nobody. Returns the
    closing when something ended. Raises ValueError for a choice that does not exist.
    """
    policy = lock_sides(company)
    wanted = {"allows": allows, "grant_to": grant_to, "partner_rule": partner_rule}
    changed = _change_policy(policy, {name: value for name, value in wanted.items() if value is not None}, actor)
    if allows and changed:
        others = ExternalPolicy.objects.filter(allows=True).exclude(company=company)
        ensure_links(company, others.values_list("company_id", flat=True))
    decided = _decide(company, {partner: PartnerDecision.of(one) for partner, one in (decisions or {}).items()}, actor)
    if not changed and not decided:
        return None
    # Links first, also when they do not move: it is the order in which everyone locks.
    moves = refresh_links(company, policy)
    return carry_out(
        company=company,
        change=refresh_availability(company.pk),
        moves=moves,
        reason=_reason(changed, moves),
        actor=actor,
        events=[*_policy_events(changed), *_decision_events(decided, expiring=expiring)],
        changed={} if expiring else changed | ({"decisions": decided} if decided else {}),
    )


def _change_policy(policy: ExternalPolicy, wanted: dict[str, Any], actor: User | None) -> Changed:
    if "grant_to" in wanted:
        wanted["grant_to"] = ExternalPolicy.GrantTo(wanted["grant_to"])
    if "partner_rule" in wanted:
        wanted["partner_rule"] = ExternalPolicy.PartnerRule(wanted["partner_rule"])
    changed = {name: [getattr(policy, name), value] for name, value in wanted.items() if getattr(policy, name) != value}
    for name, (_before, after) in changed.items():
        setattr(policy, name, after)
    if changed:
        policy.changed_by = actor
        policy.save()
    return {name: [_plain(value) for value in pair] for name, pair in changed.items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


def _policy_events(changed: Changed) -> list[Event]:
    names = {"grant_to": "member_grant.changed", "partner_rule": "partner_rule.changed"}
    return [
        (names.get(name) or f"external_connection.{'on' if after else 'off'}", _before_after({name: [before, after]}))
        for name, (before, after) in changed.items()
    ]


def _before_after(changed: Changed) -> dict[str, Any]:
    return {
        "before": {name: before for name, (before, _after) in changed.items()},
        "after": {name: after for name, (_before, after) in changed.items()},
    }


def _decide(company: Company, decisions: Mapping[Company, PartnerDecision], actor: User | None) -> Changed:
    """Store the decisions that differ; returns them by the partner's id, as a closing keeps them."""
    if company in decisions:
        raise ValueError("a company decides about others")
    if not decisions:
        return {}
    for partner in decisions:
        policy_of(partner)
    ensure_links(company, [partner.pk for partner in decisions])
    # All of them by id before any is changed: whoever adds people locks several at once.
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
    """Keep what the company decides on its side of a locked link; nothing follows from it yet."""
    link.write_side(
        company.pk,
        decision=Decision(wanted.decision),
        expires_at=wanted.expires_at,
        decided_at=timezone.now(),
        decided_by=actor,
        reminded_at=None,
    )


def _decision_events(decided: Changed, *, expiring: bool) -> list[Event]:
    event = "partner.expired" if expiring else "partner.decided"
    return [(event, {"partner": int(pk), "before": before, "after": after}) for pk, (before, after) in decided.items()]


def _reason(changed: Changed, moves: Moves) -> Reason:
    if changed.get("allows", [None, None])[1] is False:
        return Reason.COMPANY_OFF
    return Reason.PARTNER_CLOSED if moves.closed else Reason.GRANT_WITHDRAWN
