"""What the database says, asked past the product."""

import asyncio
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import psycopg

from tests.live.web import database_url_of_the_test


class Row(NamedTuple):
    """A stored message; `client` is empty for a system message."""

    seq: int
    client: str
    author: int | None
    body: str
    at: datetime


class Store:
    """The messages in a database."""

    def __init__(self, url: str = "") -> None:
        """Without a URL, the database of the test."""
        self._url = url or database_url_of_the_test()

    async def heads(self) -> dict[int, int]:
        """Each room's revision."""
        return dict(await asyncio.to_thread(self._all, "SELECT id, rev FROM messaging_room"))

    async def messages(self) -> dict[int, list[Row]]:
        """Each room's messages in order."""
        sql = "SELECT room_id, seq, coalesce(client_id::text, ''), author_id, body, created_at FROM messaging_message"
        rooms: defaultdict[int, list[Row]] = defaultdict(list)
        for room, *fields in await asyncio.to_thread(self._all, f"{sql} ORDER BY room_id, seq"):
            rooms[room].append(Row(*fields))
        return rooms

    def _all(self, sql: str) -> list[tuple]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(sql).fetchall()
