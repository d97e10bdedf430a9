"""What administrators decide, one thing at a time, as tests want it; the product's pages decide several at once."""

from collections.abc import Callable
from datetime import datetime

from accounts.actions.members import save_member
from accounts.models import Company, Department, User
from federation.actions.dry_run import do_if_shown
from federation.actions.side import change_side
from federation.impact import Impact
from federation.models import Closing
from federation.partner_decision import PartnerDecision


def set_member_grant(*, company: Company, grant_to: str, actor: User | None) -> Closing | None:
    """Grant external connection to all members, or to the chosen ones."""
    return change_side(company=company, actor=actor, grant_to=grant_to)


def set_partner_rule(*, company: Company, rule: str, actor: User | None) -> Closing | None:
    """Any company that also allows us, or approved partners only."""
    return change_side(company=company, actor=actor, partner_rule=rule)


def decide(
    *, company: Company, partner: Company, decision: str, actor: User | None, expires_at: datetime | None = None
) -> Closing | None:
    """Allow a partner (until `expires_at`, if given), deny it, or leave it to the policy."""
    return change_side(company=company, actor=actor, decisions={partner: PartnerDecision(decision, expires_at)})


def change_department(*, member: User, department: Department | None, actor: User | None) -> None:
    """Move the member to another department of the same company."""
    member.department = department
    save_member(member=member, changed=["department"], actor=actor)


def dry_run(act: Callable[[], object]) -> Impact:
    """What `act` would end if it were done now. Nobody was shown it, so it is not done."""
    done, impact = do_if_shown(act, "", ask_always=True)
    assert not done
    return impact
