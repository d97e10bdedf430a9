"""The partner companies as one company's administrators see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Company, User
from federation.access import known_links
from federation.models import Decision, Link

# More than fit on a page; others are found by name.
MAX_ROWS = 50


@dataclass(frozen=True)
class PartnerRow:
    """One partner: the state of the link, since when, and our decision."""

    partner: Company
    state: str
    text: str
    since: datetime | None
    by: str
    decided_at: datetime | None
    decision: Any
    until: Any


def links_of(company_id: int, query: str = "") -> QuerySet[Link]:
    """The links a company may know of, open ones first; only partners with `query` in their names when it is given."""
    links = known_links(company_id).select_related("company_a", "company_b", "a_decided_by", "b_decided_by")
    if query:
        as_b = Q(company_a=company_id, company_b__name__icontains=query)
        links = links.filter(as_b | Q(company_b=company_id, company_a__name__icontains=query))
    return links.order_by("-is_open", "-changed_at", "pk")


def partner_rows(form: Any) -> list[PartnerRow]:
    """A row for each partner of a `SideForm`."""
    company_id, on = form.policy.company_id, form.policy.allows
    rows = []
    for link in form.links:
        partner, side = link.partner(company_id), link.side(company_id)
        state, text = standing(link, company_id, on=on)
        rows.append(
            PartnerRow(
                partner=partner,
                state=state,
                text=text,
                since=_since(link, company_id),
                by=_by(link.decider(company_id), side.decided_at, side.decision),
                decided_at=side.decided_at,
                decision=form[f"decision_{partner.pk}"],
                until=form[f"until_{partner.pk}"],
            )
        )
    return rows


def standing(link: Link, company_id: int, *, on: bool) -> tuple[str, str]:
    """The state of a link for one of its companies: the badge's state and words.

    Of the other side it says only that it has not allowed, or that it closed what was open.
    """
    partner = link.partner_id(company_id)
    if link.is_open:
        return "open", _("Open")
    if link.side(company_id).allows:
        return ("closed", _("Closed by them")) if link.closed_by_id == partner else ("waiting", _("Waiting for them"))
    return "closed", _("Not allowed by us") if on else _("Switched off by us")


def _since(link: Link, company_id: int) -> datetime | None:
    """Since when. The other side's decision date is not disclosed before the link has opened."""
    if link.is_open or (link.side(company_id).allows and link.closed_by_id == link.partner_id(company_id)):
        return link.changed_at
    return link.side(company_id).decided_at


def _by(person: User | None, decided_at: datetime | None, decision: str) -> str:
    if decided_at is None or decision == Decision.POLICY:
        return _("by default")
    if person is None:
        return _("expired")
    return str(person)
