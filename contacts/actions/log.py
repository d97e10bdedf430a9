"""What the audit log says about contacts."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.actions.audit import audit, audit_each
from accounts.audit.disclosure import others, told_by
from accounts.models import User

# The owner and the person of a contact, and the companies of both; all by id.
Pair = tuple[int, int, int | None, int | None]


def log_contact(owner: User, person: User, actor: User, event: str) -> None:
    """Something happened to `owner`'s contact: an entry for both companies. One query."""
    companies = dict.fromkeys(pk for pk in (owner.company_id, person.company_id) if pk)
    about = {"member": owner.pk, "person": person.pk}
    entries = {pk: {**about, **told_by(actor, pk), **others([owner, person], pk)} for pk in companies}
    audit_each(entries, actor, event)


def log_own(owner: User, person: User, event: str, **data: object) -> None:
    """Something that `owner` did to their contact and that the other company must not learn. One query."""
    if owner.company_id is not None:
        named = others([person], owner.company_id)
        audit([owner.company_id], owner, event, member=owner.pk, person=person.pk, **data, **named)


def log_ends(pairs: Iterable[Pair], actor: User | None, event: str, **data: object) -> None:
    """Many contacts ended, or came back: an entry for each company, with its part of them. One query."""
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    own: defaultdict[int, set[int]] = defaultdict(set)
    for owner, person, *companies in pairs:
        for company, member in zip(companies, (owner, person), strict=True):
            if company is not None:
                found[company].append((owner, person))
                own[company].add(member)
    entries = {pk: {"contacts": contacts, "members": sorted(own[pk]), **data} for pk, contacts in found.items()}
    audit_each(entries, actor, event)
