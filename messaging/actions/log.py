"""The audit entries about rooms: each company involved has its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.actions.audit import audit_each, audit_many
from accounts.audit.disclosure import others, told_by
from accounts.models import User
from federation.group_policy import companies_of
from messaging.models import Membership, Room


def log_room(room: Room, actor: User, event: str, people: Iterable[User] = (), **data: object) -> None:
    """One entry for the hosting company, the actor's, and those of the people it is about. One query."""
    met = list(dict.fromkeys([actor, *people]))
    audit_each(
        {
            company: _entry(room, actor, met, company) | data
            for company in {room.hosting_company_id, *companies_of(met)}
        },
        actor,
        event,
    )


def log_for_inside(rooms: Sequence[Room], inside: Iterable[Membership], event: str, **data: object) -> None:
    """One entry without an actor for each company in these rooms, with its rooms. One query."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for room in rooms:
        found[room.hosting_company_id].add(room.pk)
    for row in inside:
        if row.member.company_id is not None:
            found[row.member.company_id].add(row.room_id)
    audit_many([(company, event, {"rooms": sorted(ids), **data}) for company, ids in found.items()], None)


def log_memberships(
    rooms: Sequence[Room], rows: Iterable[Membership], actor: User | None, event: str, **data: object
) -> None:
    """Tell each hosting company's log about all these memberships of its rooms, each other company's about its people.

    One query.
    """
    hosts = {room.pk: room.hosting_company_id for room in rooms}
    about: defaultdict[int, defaultdict[int, list[User]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for company in filter(None, {hosts[row.room_id], row.member.company_id}):
            about[company][row.room_id].append(row.member)
    entries: dict[int, Mapping[str, Any]] = {}
    for company, parts in about.items():
        met = [person for people in parts.values() for person in people]
        ids = {room_id: [person.pk for person in people] for room_id, people in parts.items()}
        members = sorted({person.pk for person in met})
        entries[company] = {"rooms": ids, "members": members, **data, **others(met, company)}
    audit_each(entries, actor, event)


def _entry(room: Room, actor: User, met: Sequence[User], company: int) -> dict[str, Any]:
    name = {"room_name": room.name} if room.name else {}
    return {"room": room.pk, **name, **told_by(actor, company), **others(met, company)}
