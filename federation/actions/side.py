"""One company's side, changed as a whole: what is decided together is carried out once.

One after the other would not do: with "approved partners only" first and "allow this partner" second, the link would
close and open again, and everything that ended with the close would stay ended.
"""

from collections.abc import Mapping

from accounts.models import Company, User
from federation.actions.availability import refresh_availability
from federation.actions.decisions import decide, decision_events
from federation.actions.effects import carry_out
from federation.actions.links import Moves, ensure_links, lock_sides, refresh_links
from federation.actions.policy_changes import Changed, change_policy, policy_events
from federation.models import Closing, ExternalPolicy
from federation.partner_decision import PartnerDecision
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
    decisions: Mapping[Company, PartnerDecision | str] | None = None,
    expiring: bool = False,
) -> Closing | None:
    """Change the given parts of a company's side. Unchanged values have no effect and notify no one.

    `decisions` maps partners to decisions; `expiring` means that an expiry date caused the change. Returns the
    closing when something ended. Raises ValueError for a choice that does not exist.
    """
    policy = lock_sides(company)
    wanted = {"allows": allows, "grant_to": grant_to, "partner_rule": partner_rule}
    changed = change_policy(policy, {name: value for name, value in wanted.items() if value is not None}, actor)
    if allows and changed:
        others = ExternalPolicy.objects.filter(allows=True).exclude(company=company)
        ensure_links(company, others.values_list("company_id", flat=True))
    decided = decide(company, {partner: PartnerDecision.of(one) for partner, one in (decisions or {}).items()}, actor)
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
        events=[*policy_events(changed), *decision_events(decided, expiring=expiring)],
        changed={} if expiring else changed | ({"decisions": decided} if decided else {}),
    )


def _reason(changed: Changed, moves: Moves) -> Reason:
    if changed.get("allows", [None, None])[1] is False:
        return Reason.COMPANY_OFF
    return Reason.PARTNER_CLOSED if moves.closed else Reason.GRANT_WITHDRAWN
