"""The clock of calls, in every web process: several may do the same, which changes nothing twice."""

import time

from django.conf import settings

from calls.actions.timeouts import end_overdue, ring_again
from calls.janus_sync import reconcile
from worksbridge.live.database import in_thread
from worksbridge.live.periodic import every

# A round that comes later than this (in seconds) after the one before comes out of a standstill.
LATE = 6


class Fit:
    """Since when this process can tell who is gone: not while pages reconnect after a restart or an outage."""

    since = last = time.monotonic()


@every(2)
async def tend_calls() -> None:
    """End what is overdue. Not in the first moments of a process, nor after it could not ask the database."""
    now, before = time.monotonic(), Fit.last
    Fit.last = now
    if now - before > LATE:
        # No heartbeat was stored in the meantime.
        Fit.since = now
    if now - Fit.since <= settings.CALLS_LOST_SECONDS:
        return
    try:
        await in_thread(end_overdue)
    except Exception:
        # The pages' signs of life were not stored either.
        Fit.since = time.monotonic()
        raise


@every(5)
async def ring_on() -> None:
    """Ask the pages again to fetch what rings."""
    await in_thread(ring_again)


@every(10)
async def keep_janus_in_step() -> None:
    """Repeat to Janus who left a call and which calls ended."""
    await in_thread(reconcile)
