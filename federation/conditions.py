"""What must be true for two people to talk, one condition after the other: one answer for everybody who asks.

Actions ask it before the database does, members read its first obstacle as a sentence, administrators see all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Company, User
from federation.models import Availability, Decision, ExternalPolicy, Link
from federation.reasons import Reason
from federation.rules import chosen, outcome


class Condition(StrEnum):
    """In the order in which they are asked; each belongs to one of the two sides."""

    SWITCH = "switch"
    ACTIVE = "active"
    GRANTED = "granted"
    PARTNER = "partner"


@dataclass(frozen=True)
class Check:
    """Whether one condition holds on one side: the asker's own, or the other one's."""

    condition: Condition
    own: bool
    holds: bool


# What the asker may know of the first condition that does not hold.
OWN = {
    Condition.SWITCH: Reason.OWN_COMPANY_OFF,
    Condition.ACTIVE: Reason.DEACTIVATED,
    Condition.GRANTED: Reason.OWN_NOT_GRANTED,
    Condition.PARTNER: Reason.OWN_PARTNER,
}
OTHER = {
    Condition.SWITCH: Reason.OTHER_COMPANY,
    Condition.PARTNER: Reason.OTHER_COMPANY,
    Condition.ACTIVE: Reason.OTHER_PERSON,
    Condition.GRANTED: Reason.OTHER_PERSON,
}


class Facts:
    """What the database says of some people and their companies, loaded at once. Four queries."""

    def __init__(self, people: Iterable[User]) -> None:
        everyone = list(people)
        ids = [person.pk for person in everyone]
        companies = {person.company_id for person in everyone if person.company_id is not None}
        live = Availability.objects.live().filter(member__in=ids)
        self.available = set(live.values_list("member_id", flat=True))
        self.policies = {policy.company_id: policy for policy in ExternalPolicy.objects.filter(company__in=companies)}
        between = Link.objects.filter(company_a__in=companies, company_b__in=companies)
        self.links = {(link.company_a_id, link.company_b_id): link for link in between}
        rows = Company.objects.filter(pk__in=companies).values_list("pk", "name", "is_active")
        self.names = {pk: name for pk, name, _active in rows}
        self.active = {pk for pk, _name, is_active in rows if is_active}

    def link(self, one: int | None, other: int | None) -> Link | None:
        """The link of two companies, if there is one."""
        return self.links.get((min(one or 0, other or 0), max(one or 0, other or 0)))

    def is_open(self, one: int | None, other: int | None) -> bool:
        """Whether two companies have allowed each other."""
        link = self.link(one, other)
        return link is not None and link.is_open

    def switched_on(self, company_id: int | None) -> bool:
        """Whether the company allows external connection at all."""
        policy = self.policies.get(company_id or 0)
        return policy is not None and policy.allows and company_id in self.active

    def allows(self, company_id: int | None, partner_id: int | None) -> bool | None:
        """Whether the company allows this partner; None when the two never had to do with each other."""
        link = self.link(company_id, partner_id)
        return None if link is None else link.side(company_id).allows

    def would_allow(self, company_id: int | None) -> bool:
        """Whether the company allows a partner about whom it has decided nothing."""
        policy = self.policies.get(company_id or 0)
        return policy is not None and outcome(policy, Decision.POLICY, active=company_id in self.active)


def conditions(member: User, other: User, facts: Facts) -> list[Check]:
    """Every condition for `member` (who asks) to reach `other`, in the order in which they are asked."""
    return [*_side(member, other, facts, own=True), *_side(other, member, facts, own=False)]


def _side(person: User, partner: User, facts: Facts, *, own: bool) -> list[Check]:
    on = facts.switched_on(person.company_id)
    # While the company is off nobody has it, whoever is chosen; what holds then is the same for all.
    granted = person.pk in facts.available or (not on and person.is_active)
    allows = facts.allows(person.company_id, partner.company_id)
    if allows is None:
        # The rows are made when the second of two companies allows: without one the other side never has.
        allows = own and facts.would_allow(person.company_id)
    holds = {
        Condition.SWITCH: on,
        Condition.ACTIVE: person.is_active,
        Condition.GRANTED: granted or not person.is_active,
        Condition.PARTNER: allows or (own and not on),
    }
    order = list(holds) if own else [Condition.SWITCH, Condition.PARTNER, Condition.ACTIVE, Condition.GRANTED]
    return [Check(condition, own, holds[condition]) for condition in order]


def obstacle(member: User, other: User, facts: Facts) -> Reason | None:
    """The first thing in the way that `member` may know of; None when they may reach `other`."""
    if member.company_id is None or other.company_id is None:
        return Reason.NO_COMPANY
    if member.company_id == other.company_id:
        return None
    for check in conditions(member, other, facts):
        if not check.holds:
            return (OWN if check.own else OTHER)[check.condition]
    return None


def unavailable(member: User, facts: Facts) -> Reason | None:
    """Why external connection is not available to `member` at all; None when it is."""
    if member.company_id is None:
        return Reason.NO_COMPANY
    own = [check for check in _side(member, member, facts, own=True) if check.condition != Condition.PARTNER]
    return next((OWN[check.condition] for check in own if not check.holds), None)


def is_chosen(member: User) -> bool:
    """Whether the administrator has granted it to `member`, whatever else is in the way."""
    policy = ExternalPolicy.objects.filter(company=member.company_id).first()
    if policy is None or member.company_id is None:
        return False
    if policy.grant_to == ExternalPolicy.GrantTo.ALL:
        return True
    return User.objects.filter(chosen(member.company_id), pk=member.pk).exists()
