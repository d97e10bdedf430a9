"""Acknowledged = stored = shown, in order, once, on every page: waiting for it, and comparing."""

import asyncio
import time
from collections.abc import Callable, Sequence

from tests.faults.page import Page
from tests.faults.store import Row, Store

WITHIN = 60


async def until(condition: Callable[[], bool], what: str, within: float = WITHIN) -> float:
    """Wait for the condition; the seconds it took. Fails with `what` when it does not come."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + within, what
        await asyncio.sleep(0.05)
    return time.monotonic() - started


async def caught_up(pages: Sequence[Page], store: Store, within: float = WITHIN) -> float:
    """Wait until all written before now is acknowledged and shown on every page; the seconds it took.

    What is written meanwhile need not be.
    """
    written = [page.outbox.waiting() for page in pages]
    took = await until(
        lambda: not any(before & page.outbox.waiting() for before, page in zip(written, pages, strict=True)),
        "messages stay unacknowledged",
        within,
    )
    heads = await store.heads()
    return took + await until(
        lambda: all(room.rev >= heads[room.pk] for page in pages for room in page.rooms.values()),
        "pages lag behind",
        within,
    )


async def compare(pages: Sequence[Page], store: Store) -> None:
    """When all is quiet: every message is acknowledged, stored once, and shown in its place everywhere."""
    stored = await store.messages()
    heads = await store.heads()
    for room, rows in stored.items():
        assert [row.seq for row in rows] == list(range(1, heads[room] + 1)), f"room {room} has gaps"
    _acknowledged_is_stored(pages, stored)
    for page in pages:
        assert not page.signed_out, "a page was told that its session is over"
        for room in page.rooms.values():
            wanted = [(row.seq, row.client) for row in stored[room.pk]]
            assert sorted(room.shown.items()) == wanted, f"a page shows something else than room {room.pk} holds"
            if page.outbox.keeps_order:
                _in_the_order_written(page, stored[room.pk])


def _acknowledged_is_stored(pages: Sequence[Page], stored: dict[int, list[Row]]) -> None:
    where = {row.client: row for rows in stored.values() for row in rows if row.client}
    clients = [row.client for rows in stored.values() for row in rows if row.client]
    assert len(clients) == len(where), "a message is stored twice"
    for page in pages:
        outbox = page.outbox
        assert not outbox.refused, outbox.refused[:3]
        assert not outbox.contradicted, "one message was acknowledged under two numbers"
        assert outbox.acknowledged.keys() == outbox.sent.keys()
        for client, seq in outbox.acknowledged.items():
            assert client in where, "a message is acknowledged and not stored"
            assert where[client].seq == seq
            assert where[client].body == outbox.sent[client]


def _in_the_order_written(page: Page, rows: Sequence[Row]) -> None:
    mine = [row.client for row in rows if row.client in page.outbox.sent]
    order = {client: number for number, client in enumerate(page.outbox.sent)}
    assert mine == sorted(mine, key=order.__getitem__), "a page's messages are not in the order it wrote them"
