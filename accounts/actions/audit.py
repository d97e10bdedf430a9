"""Writing the audit log."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import AuditEntry, User


def audit(company_ids: Iterable[int], actor: User | None, event: str, **data: object) -> None:
    """Write one entry for each company, in the transaction of what it tells of."""
    entries = [AuditEntry(company_id=pk, actor=actor, event=event, data=data) for pk in dict.fromkeys(company_ids)]
    AuditEntry.objects.bulk_create(entries)


def audit_each(data: Mapping[int, Mapping[str, Any]], actor: User | None, event: str) -> None:
    """Write one entry for each company (by id), each with its own part of what happened. One query."""
    audit_many([(pk, event, part) for pk, part in data.items()], actor)


def audit_many(entries: Iterable[tuple[int, str, Mapping[str, Any]]], actor: User | None) -> None:
    """Write entries of (company id, event, data). One query.

    A member is named in their own company's entries alone: the other side learns what happened, not who decided it.
    An operator, who has no company, is named in all.
    """
    own = actor.company_id if actor else None
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(company_id=pk, actor=actor if own in (pk, None) else None, event=event, data=dict(part))
            for pk, event, part in entries
        ]
    )
