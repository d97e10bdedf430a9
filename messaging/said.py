"""A message as it travels: what a row of the message table holds, without what a model's instance costs."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.db.models import QuerySet

from messaging.models import Message

_COLUMNS = (
    "pk", "room_id", "seq", "rev", "ordinal", "kind", "author_id", "client_id", "body", "html", "created_at"
)  # fmt: skip


@dataclass(slots=True)
class Said:
    """Something that was said in a room, or a line about what happened to it. `pk` is 0 until it is stored."""

    pk: int
    room_id: int
    seq: int
    rev: int
    ordinal: int
    kind: str
    author_id: int | None
    client_id: UUID | None
    body: str
    html: str
    created_at: dt.datetime
    # How frames carry it, once it has been rendered (see messaging.pushes).
    item_text: str = field(default="", init=False)

    @classmethod
    def read(cls, messages: QuerySet[Message]) -> list[Self]:
        """The messages that a queryset finds."""
        return [cls(*row) for row in messages.values_list(*_COLUMNS)]

    def message(self) -> Message:
        """The same as the model, as it is stored."""
        message = Message(**{name: getattr(self, name) for name in _COLUMNS})
        message.item_text = self.item_text
        message._state.adding = False  # noqa: SLF001  (what the ORM itself does after an insert)
        return message
