"""Database work for sockets, off the event loop and not in the one thread that Django shares.

`database_sync_to_async` puts every socket's work into one thread: one slow call holds all the others.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections, connections

T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="live-db")


def _work(function: Callable[..., T], args: tuple[Any, ...]) -> T:
    close_old_connections()
    try:
        return function(*args)
    finally:
        # Gives the connection back to the pool, so that idle threads hold none.
        connections.close_all()


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """The result of `function(*args)`, run in one of a few threads with a database connection.

    It knows what the caller's context knows: from which address it was asked for.
    """
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_threads, run, _work, function, args)
