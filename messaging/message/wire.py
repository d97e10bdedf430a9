"""Messages as JSON: the one place that defines what pages and other programs learn of a message."""

import json
from collections.abc import Iterable, Mapping, Sequence

from messaging.message.html import Author, authors_by_id, render_message
from messaging.message.row import MessageRow

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def item(row: MessageRow, author: Author | None = None) -> str:
    """The message as a JSON object. Built once for all readers; `author` saves a query."""
    if not row.json:
        _make([row], {author.pk: author} if author else None)
    return row.json


def items(rows: Sequence[MessageRow], authors: Mapping[int, Author] | None = None) -> list[str]:
    """Several messages; their authors are looked up together unless they are given."""
    _make([row for row in rows if not row.json], authors)
    return [row.json for row in rows]


def frame(head: Mapping[str, object], rows: Sequence[MessageRow]) -> str:
    """A JSON object with the members of `head`, and the messages as `items`."""
    return _object(head, f'"items":[{",".join(items(rows))}]')


def answer(head: Mapping[str, object], row: MessageRow) -> str:
    """A JSON object with the members of `head`, and those of one message beside them."""
    return _object(head, item(row)[1:-1])


def _make(rows: Sequence[MessageRow], authors: Mapping[int, Author] | None) -> None:
    if authors is None:
        ids = {row.author_id for row in rows if row.author_id}
        authors = authors_by_id(ids) if ids else {}
    for row in rows:
        said = {
            "seq": row.seq,
            "rev": row.rev,
            "ordinal": row.ordinal,
            "kind": row.kind,
            "author": row.author_id,
            "client_id": row.client_id,
            "html": render_message(row, authors.get(row.author_id or 0)),
        }
        row.json = _encoder.encode(said)


def _object(head: Mapping[str, object], *members: str) -> str:
    """`head` with more members that are already JSON, so that a shared item is encoded once."""
    known: Iterable[str] = (_encoder.encode(head)[1:-1], *members)
    return f"{{{','.join(filter(None, known))}}}"
