"""The External Contacts of one member, grouped by company."""

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext as _

from accounts.models import Company, User
from contacts.models import Block, ExternalContact
from federation.conditions import Facts, obstacle
from federation.reasons import Reason, reason_text
from worksbridge.characters import digits

MAX_ROWS = 500
# Fewer digits are in too many numbers.
FEWEST_DIGITS = 4
PHONE_DIGITS = Func(
    F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
)


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
    # Why those of them that are closed cannot be reached, by their ids.
    closed: dict[int, str]
    more: bool


def contacts_of(member: User, query: str = "") -> Contacts:
    """The member's contacts that match `query` in names, company, title, tags, memo or number. At most six queries."""
    found = ExternalContact.objects.filter(owner=member).select_related("person__company", "person__department")
    if query:
        found = found.alias(phone_digits=PHONE_DIGITS).filter(_matches(query))
    shown = Coalesce(NullIf("name", Value("")), "person__name")
    rows = list(found.order_by("person__company__name", "person__company", Lower(shown), "pk")[: MAX_ROWS + 1])
    groups = [Group(key, list(part)) for key, part in groupby(rows[:MAX_ROWS], lambda row: row.person.company) if key]
    blocked = set(Block.objects.filter(blocker=member).values_list("blocked_id", flat=True))
    closed = [row for row in rows[:MAX_ROWS] if row.closed_at is not None]
    return Contacts(groups, blocked, _closed_texts(member, closed), more=len(rows) > MAX_ROWS)


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
    number = digits(query)
    if len(number) >= FEWEST_DIGITS:
        which |= Q(phone_digits__contains=number)
    return which


def _closed_texts(member: User, closed: list[ExternalContact]) -> dict[int, str]:
    """For each closed contact what is in the way now: what ended it may have been the member's own, or be over."""
    facts = Facts([member, *(contact.person for contact in closed)]) if closed else None
    return {contact.pk: _closed_text(contact, obstacle(member, contact.person, facts)) for contact in closed if facts}


def _closed_text(contact: ExternalContact, reason: Reason | None) -> str:
    if reason is None:
        return _("You can reach each other again. Open the room with “Message” and reconnect.")
    if reason == Reason.OTHER_PERSON and not contact.person.is_active and contact.closed_reason == Reason.DEACTIVATED:
        # Their departure was told to everyone who had dealt with them.
        return reason_text(Reason.DEACTIVATED)
    return reason_text(reason)
