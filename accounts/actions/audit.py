"""Writing the audit log. The database seals what is written here when the transaction commits."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from accounts.audit.key import key_for_database
from accounts.models import User
from worksbridge.client_address import current

# The key is set for this transaction alone, and before the first row comes.
WRITE = """
INSERT INTO accounts_auditentry (company_id, actor_id, event, data, address, created_at)
SELECT entry.company, entry.actor, entry.event, entry.data, entry.address::inet, statement_timestamp()
FROM set_config('worksbridge.audit_key', %s, true) AS given,
    ROWS FROM (jsonb_to_recordset(%s) AS (company bigint, actor bigint, event text, data jsonb, address text))
    WITH ORDINALITY AS entry (company, actor, event, data, address, place)
WHERE given <> '' ORDER BY entry.place
"""


# The one event with an unknown actor whose address matters.
UNKNOWN = "sign_in.failed"


def audit(company_ids: Iterable[int], actor: User | None, event: str, **data: object) -> None:
    """Write one entry for each company, in the transaction of the event. One query.

    A change carries `before` and `after`, with the changed fields only.
    """
    _write([_row(pk, actor, event, data) for pk in dict.fromkeys(company_ids)])


def audit_each(data: Mapping[int, Mapping[str, Any]], actor: User | None, event: str) -> None:
    """Write one entry for each company (by id), each with its own part of what happened. One query."""
    audit_many([(pk, event, part) for pk, part in data.items()], actor)


def audit_many(entries: Iterable[tuple[int, str, Mapping[str, Any]]], actor: User | None) -> None:
    """Write entries of (company id, event, data). One query.

    A member is named in their own company's entries alone: the other side learns what happened, not who decided it.
    An operator, who has no company, is named in all.
    """
    own = actor.company_id if actor else None
    _write([_row(pk, actor if own in (pk, None) else None, event, part) for pk, event, part in entries])


def _row(company_id: int, actor: User | None, event: str, data: Mapping[str, Any]) -> dict[str, Any]:
    # The address goes only to companies that also learn the actor. For a failed sign-in it is all that is known.
    address = current() if actor is not None or event == UNKNOWN else None
    return {
        "company": company_id,
        "actor": actor.pk if actor else None,
        "event": event,
        "data": data,
        "address": address,
    }


def _write(rows: list[dict[str, Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            text = json.dumps(_without_nul(rows), cls=DjangoJSONEncoder, ensure_ascii=False)
            cursor.execute(WRITE, [key_for_database(), text])


def _without_nul(value: Any) -> Any:
    """The text without NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {key: _without_nul(part) for key, part in value.items()}
    return [_without_nul(part) for part in value] if isinstance(value, list | tuple) else value
