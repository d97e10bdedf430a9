"""Words that must never be seen, planted into every text of other companies' rows."""

from itertools import count
from typing import Any

from django.db import models, transaction
from django.db.models import Model, QuerySet

from accounts.models import AuditEntry

# Of a company that has nothing to do with anybody; of a linked company's own affairs; and what members of one's own
# company say and keep among themselves. Small letters without a meaning, so that every kind of field takes them.
STRANGER = "zqvx"
PARTNER = "qjvx"
PRIVATE = "qkvx"
ALL = (STRANGER, PARTNER, PRIVATE)
# The texts of the product itself in these columns, not anybody's; the other tables are written by no person.
NOT_TEXTS = {
    "closed_reason",
    "ended_reason",
    "event",
    "frozen_reason",
    "key",
    "kind",
    "language",
    "outcome",
    "password",
    "reason",
    "time_zone",
}
_numbers = count(1)


def plant(rows: QuerySet[Any], canary: str, *, besides: tuple[str, ...] = ()) -> None:
    """Put the canary into each text of the rows that has none yet, as far as the table takes it."""
    for field in texts_of(rows.model):
        if field.name in besides:
            continue
        for row in rows.only("pk", field.name):
            if canary not in str(getattr(row, field.attname) or "").lower():
                _put(rows.model, row.pk, field, canary)


def texts_of(model: type[Model]) -> list[Any]:
    """The columns that can hold people's words."""
    if model is AuditEntry:
        # Nobody can change an entry; the world makes those of a stranger with the canary in them.
        return []
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
        and not field.choices
        and not field.is_relation
        and field.name not in NOT_TEXTS
    ]


def _put(model: type[Model], pk: object, field: Any, canary: str) -> None:
    text = f"{canary}{next(_numbers)}"
    value = f"{text}@{canary}.example" if isinstance(field, models.EmailField) else text
    with transaction.atomic():
        model._base_manager.filter(pk=pk).update(**{field.name: value})


def without(text: str, *words: str) -> str:
    """The text without what the one who asked has typed."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "…")
    return text


def seen_in(text: str) -> set[str]:
    """The surroundings of each canary in a text."""
    low = text.lower()
    found = set()
    for canary in ALL:
        at = low.find(canary)
        if at >= 0:
            found.add(text[max(0, at - 60) : at + 40])
    return found
