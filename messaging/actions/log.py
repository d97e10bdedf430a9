"""What the audit log says about rooms: each company that it concerns has its own entry."""

from collections.abc import Iterable

from accounts.actions.audit import audit_each
from accounts.models import User
from federation.together import companies_of
from messaging.models import Room


def log_room(room: Room, actor: User, event: str, people: Iterable[User] = (), **data: object) -> None:
    """One entry for the hosting company, the actor's, and those of the people it is about. One query."""
    companies = {room.hosting_company_id, *companies_of([actor, *people])}
    audit_each({company: {"room": room.pk, **data} for company in companies}, actor, event)
