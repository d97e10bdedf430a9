"""The ordered writer: one thread that commits all drafts that wait in one transaction.

Parallel inserts from several connections would reorder a room; a transaction for each message would cost a flush
for each. One queue and one thread give order, and a batch whose size follows the load.
"""

import asyncio
import logging
import queue
import threading
import time
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils.translation import gettext_lazy as _

from messaging.actions.send import Draft, Outcome, send_messages
from worksbridge import metrics
from worksbridge.errors import TooMany, WorksBridgeError

logger = logging.getLogger(__name__)
BATCH = 200
WAITING = 5_000


class Unavailable(WorksBridgeError):
    """The database does not answer; the page keeps the message and tries again."""

    code = "unavailable"
    status = 503
    text = _("The message could not be stored just now. It will be tried again.")


@dataclass
class _Job:
    draft: Draft
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]

    def answer(self, outcome: Outcome) -> None:
        # A process that ends takes its loop away first; the page asks again elsewhere with the same client id.
        if self.loop.is_running():
            self.loop.call_soon_threadsafe(self._set, outcome)

    def _set(self, outcome: Outcome) -> None:
        if not self.future.done():
            self.future.set_result(outcome)


class Writer:
    """Takes drafts from the event loop, answers each when it is committed."""

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()

    def submit(self, draft: Draft) -> "asyncio.Future[Outcome]":
        """A future of the stored message or the error. Raises TooMany when too much waits already."""
        self._ensure_thread()
        loop = asyncio.get_running_loop()
        job = _Job(draft, loop, loop.create_future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full as error:
            raise TooMany from error
        return job.future

    def _ensure_thread(self) -> None:
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._write(self._wait())

    def _wait(self) -> list[_Job]:
        jobs = [self._jobs.get()]
        while len(jobs) < BATCH:
            try:
                jobs.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return jobs

    def _write(self, jobs: list[_Job]) -> None:
        started = time.perf_counter()
        try:
            close_old_connections()
            outcomes: list[Outcome] = send_messages([job.draft for job in jobs])
        except (DatabaseError, InterfaceError) as error:
            logger.warning("a batch of %s could not be stored: %s", len(jobs), error)
            connection.close()
            outcomes = [Unavailable() for _job in jobs]
        except Exception:
            logger.exception("a batch of %s failed", len(jobs))
            outcomes = [WorksBridgeError(code="failed") for _job in jobs]
        metrics.wrote(len(jobs), time.perf_counter() - started, failed=isinstance(outcomes[0], Unavailable))
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.answer(outcome)


writer = Writer()
