"""Links follow from what each side has decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from accounts.models import Company
from federation.models import Decision, ExternalPolicy, Link
from federation.rules import outcome

# Any number that no other advisory lock of the database uses.
SIDES_LOCK = 7_290_001


@dataclass
class Moves:
    """With which companies (by id) a company's change opened the link, and with which it closed it."""

    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)


def policy_of(company: Company) -> ExternalPolicy:
    """The company's policy, made (off) when it has none yet."""
    return ExternalPolicy.objects.get_or_create(company=company)[0]


def locked_policy(company: Company) -> ExternalPolicy:
    """The company's policy, locked: the first lock of every consent change."""
    policy_of(company)
    return ExternalPolicy.objects.select_for_update(no_key=True).select_related(None).get(company=company)


def lock_sides(company: Company) -> ExternalPolicy:
    """The company's policy, locked, while no other company changes what it allows.

    A new link needs both companies' policies. Locking them one after the other would let two companies that switch
    on at the same moment wait for each other, or overlook each other; such changes are rare, so they queue.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SIDES_LOCK])
    return locked_policy(company)


def ensure_links(company: Company, partners: Iterable[int]) -> None:
    """Make the missing rows between `company` and `partners`, with the partners' side as their policies say.

    The company's own side is left closed, for `refresh_links` to open. The caller has called `lock_sides`.
    """
    policies = ExternalPolicy.objects.filter(company__in=[*partners]).exclude(company=company).select_related("company")
    links = []
    for policy in policies.order_by("company_id"):
        allows = outcome(policy, Decision.POLICY, active=policy.company.is_active)
        if policy.company_id < company.pk:
            links.append(Link(company_a_id=policy.company_id, company_b=company, a_allows=allows))
        else:
            links.append(Link(company_a=company, company_b_id=policy.company_id, b_allows=allows))
    Link.objects.bulk_create(links, ignore_conflicts=True)


def lock_links(company: Company) -> list[Link]:
    """All the links of a company, locked in the order of their ids, as everyone locks links."""
    return list(Link.objects.of(company.pk).select_for_update(no_key=True).order_by("pk"))


def refresh_links(company: Company, policy: ExternalPolicy) -> Moves:
    """Bring the company's side of all its links in line with its policy, and say what that moved.

    Locks the links. The caller holds the policy's lock.
    """
    links = lock_links(company)
    active = Company.objects.filter(pk=company.pk, is_active=True).exists()
    moves = Moves()
    changed = [link for link in links if _turn(link, company, policy, moves, active=active)]
    Link.objects.bulk_update(changed, ["a_allows", "b_allows", "epoch", "closed_by", "changed_at"])
    return moves


def _turn(link: Link, company: Company, policy: ExternalPolicy, moves: Moves, *, active: bool) -> bool:
    side = link.side(company.pk)
    was_open = link.a_allows and link.b_allows
    allows = outcome(policy, side.decision, active=active)
    if allows == side.allows:
        return False
    link.set_side(company.pk, allows=allows)
    # bulk_update does not set it.
    link.changed_at = timezone.now()
    if link.a_allows and link.b_allows:
        link.closed_by = None
        moves.opened.append(link.partner_id(company.pk))
    elif was_open:
        link.epoch += 1
        link.closed_by = company
        moves.closed.append(link.partner_id(company.pk))
    return True
