"""Who may be named in an entry: its company's people by id, others only as the entry itself discloses."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User


def others(people: Iterable[User], company_id: int) -> dict[str, Any]:
    """The part of an entry that names those of `people` who belong to other companies, as `people: {id: [name, …]}`.

    Only for people that a member of the company has met: in a room, or as a contact.
    """
    names = {str(person.pk): [person.name, person.company_id] for person in people if person.company_id != company_id}
    return {"people": names} if names else {}


def told_by(actor: User | None, company_id: int) -> dict[str, Any]:
    """The part of another company's entry that says which of the people it has met did it; empty in one's own."""
    if actor is None or actor.company_id in (company_id, None):
        return {}
    return {"by": actor.pk}
