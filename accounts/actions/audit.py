"""Writing the audit log."""

from collections.abc import Iterable

from accounts.models import AuditEntry, User


def audit(company_ids: Iterable[int], actor: User | None, event: str, **data: object) -> None:
    """Write one entry for each company, in the transaction of what it tells of."""
    entries = [AuditEntry(company_id=pk, actor=actor, event=event, data=data) for pk in dict.fromkeys(company_ids)]
    AuditEntry.objects.bulk_create(entries)
