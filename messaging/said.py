"""A message as it travels: what a row of the message table holds, without what a model's instance costs."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from messaging.models import Message

_COLUMNS = ("pk", "room_id", "seq", "rev", "ordinal", "kind", "author_id", "body", "html")


@dataclass(slots=True)
class Said:
    """Something that was said in a room, or a line about what happened to it. `pk` is 0 until it is stored."""

    created_at: dt.datetime
    pk: int
    room_id: int
    seq: int
    rev: int
    ordinal: int
    kind: str
    author_id: int | None
    body: str
    html: str
    # A UUID as text, which is all that anybody does with it.
    client_id: str | None
    # How frames carry it, once it has been rendered (see messaging.pushes).
    item_text: str = field(default="", init=False)

    @classmethod
    def read(cls, messages: QuerySet[Message]) -> list[Self]:
        """The messages that a queryset finds."""
        # Read as text: psycopg makes UUIDs and times in Python, which took a third of reading.
        texts = messages.annotate(client=Cast("client_id", TextField()), at=Cast("created_at", TextField()))
        rows = texts.values_list("at", *_COLUMNS, "client")
        return [cls(dt.datetime.fromisoformat(at), *rest) for at, *rest in rows]

    def message(self) -> Message:
        """The same as the model, as it is stored."""
        message = Message(**{name: getattr(self, name) for name in _COLUMNS})
        message.client_id = UUID(self.client_id) if self.client_id else None
        message.created_at = self.created_at
        message.item_text = self.item_text
        message._state.adding = False  # noqa: SLF001  (what the ORM itself does after an insert)
        return message
