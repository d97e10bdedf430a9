"""The External Contacts of one member, grouped by company."""

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from accounts.models import Company, User
from contacts.models import Block, ExternalContact
from federation.reasons import reason_text

SHOWN = 500


@dataclass
class Group:
    """The contacts in one company."""

    company: Company
    contacts: list[ExternalContact] = field(default_factory=list)


@dataclass
class Contacts:
    """What the page shows."""

    groups: list[Group]
    blocked: set[int]
    more: bool


def contacts_of(member: User, query: str = "") -> Contacts:
    """The member's contacts that match `query` in names, company, title, tags, memo. Two queries."""
    found = ExternalContact.objects.filter(owner=member).select_related("person__company", "person__department")
    if query:
        found = found.filter(_matches(query))
    shown = Coalesce(NullIf("name", Value("")), "person__name")
    rows = list(found.order_by("person__company__name", "person__company", Lower(shown), "pk")[: SHOWN + 1])
    groups = [Group(key, list(part)) for key, part in groupby(rows[:SHOWN], lambda row: row.person.company) if key]
    blocked = set(Block.objects.filter(blocker=member).values_list("blocked_id", flat=True))
    return Contacts(groups, blocked, more=len(rows) > SHOWN)


def _matches(query: str) -> Q:
    fields = (
        "name",
        "person__name",
        "person__company__name",
        "title",
        "person__title",
        "tags",
        "memo",
    )
    which = Q()
    for name in fields:
        which |= Q(**{f"{name}__icontains": query})
    return which


def closed_text(contact: ExternalContact) -> str:
    """Why a closed contact cannot be reached."""
    return reason_text(contact.closed_reason)
