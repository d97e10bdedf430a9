"""The one shape of a message outside the database."""

import datetime as dt
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Self

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from messaging.models import Message, event_of


@dataclass(slots=True, kw_only=True)
class MessageRow:
    """A row of the message table, without the cost of a model instance: a person's or a system message.

    Its fields are the columns of the table: what is read, stored and copied follows from them.
    """

    room_id: int
    seq: int
    rev: int
    ordinal: int
    kind: str = Message.Kind.TEXT.value
    author_id: int | None = None
    # A UUID as text, which is all that anybody does with it.
    client_id: str | None = None
    body: str
    html: str
    data: dict[str, Any] = field(default_factory=dict)
    created_at: dt.datetime
    # 0 until it is stored.
    pk: int = 0
    # No column: its JSON, once it was made (see messaging.message.wire).
    json: str = field(default="", init=False, compare=False)

    @classmethod
    def of(cls, message: Message) -> Self:
        """The row of an instance of the model."""
        values = {name: getattr(message, name) for name in COLUMNS}
        values["client_id"] = str(message.client_id) if message.client_id else None
        return cls(pk=message.pk, **values)

    @classmethod
    def read(cls, messages: QuerySet[Message]) -> list[Self]:
        """The rows that a queryset finds."""
        # Read as text: psycopg makes UUIDs and times in Python, which took a third of reading.
        texts = {name: Cast(name, TextField()) for name in ("client_id", *TIMES)}
        found = messages.annotate(**{f"{name}_text": text for name, text in texts.items()})
        names = [f"{name}_text" if name in texts else name for name in COLUMNS]
        rows = [dict(zip(COLUMNS, values, strict=True), pk=pk) for pk, *values in found.values_list("pk", *names)]
        for row in rows:
            row |= {name: dt.datetime.fromisoformat(row[name]) for name in TIMES if row[name]}
        return [cls(**row) for row in rows]

    @property
    def event(self) -> dict[str, Any]:
        """The event of a system message."""
        return event_of(self.data, self.body)

    def values(self) -> dict[str, Any]:
        """Its columns for JSON, without the id that the database assigns."""
        row = {name: getattr(self, name) for name in COLUMNS}
        return row | {name: row[name].isoformat() for name in TIMES if row[name]}


# The columns but for the primary key. Each has the name of its field.
COLUMNS = tuple(one.name for one in fields(MessageRow) if one.name not in ("pk", "json"))
# Those of them that hold a moment.
TIMES = tuple(name for name in COLUMNS if name.endswith("_at"))


@cache
def column_types() -> str:
    """The columns with their types, as PostgreSQL wants them for `json_to_recordset`."""
    found = {one.attname: one for one in Message._meta.concrete_fields}  # noqa: SLF001
    return ", ".join(f"{name} {found[name].rel_db_type(connection)}" for name in COLUMNS)
