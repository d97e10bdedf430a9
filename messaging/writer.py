"""The ordered writer: one thread that commits all drafts that wait in one transaction.

Parallel inserts from several connections would reorder a room; a transaction for each message would cost a flush
for each. One queue and one thread give order, and a batch whose size follows the load.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _

from messaging.actions.send import Draft, Outcome, send_messages
from worksbridge import metrics
from worksbridge.errors import Code, TooMany, WorksBridgeError

logger = logging.getLogger(__name__)
BATCH = 500
WAITING = 5_000


class Unavailable(WorksBridgeError):
    """The database does not answer; the page keeps the message and tries again."""

    code = Code.UNAVAILABLE
    status = 503
    text = _("The message could not be saved just now. Trying again.")


Answer = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class _Job:
    draft: Draft
    loop: asyncio.AbstractEventLoop
    answer: Answer


class Writer:
    """Takes drafts from the event loop, answers each when it is committed."""

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()

    def submit(self, draft: Draft, answer: Answer) -> None:
        """Store the draft soon, then call `answer` in this loop with the message or the error that refuses it.

        Raises TooMany when too much waits already.
        """
        self._ensure_thread()
        try:
            self._jobs.put_nowait(_Job(draft, asyncio.get_running_loop(), answer))
        except queue.Full as error:
            raise TooMany from error

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
        drafts = [job.draft for job in jobs]
        started = time.perf_counter()
        try:
            outcomes = _stored(drafts)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("a batch of %s could not be stored: %s", len(jobs), error)
            outcomes = [Unavailable() for _job in jobs]
        except Exception:
            logger.exception("a batch of %s failed", len(jobs))
            outcomes = [WorksBridgeError(code=Code.FAILED) for _job in jobs]
        metrics.wrote(len(jobs), time.perf_counter() - started, failed=isinstance(outcomes[0], Unavailable))
        _answer(jobs, outcomes)


def _stored(drafts: list[Draft]) -> list[Outcome]:
    """The outcomes of a batch. The thread keeps its connection; after a failure it takes another and tries once more.

    That the first try may have been committed does not matter: the client ids are known then.
    """
    try:
        return send_messages(drafts)
    except (OperationalError, InterfaceError):
        connection.close()
        try:
            return send_messages(drafts)
        except (DatabaseError, InterfaceError):
            connection.close()
            raise
    except DatabaseError:
        connection.close()
        raise


def _answer(jobs: list[_Job], outcomes: list[Outcome]) -> None:
    """Answer in the loops that asked, with one wake-up for each: it costs a system call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Answer, Outcome]]] = {}
    for job, outcome in zip(jobs, outcomes, strict=True):
        by_loop.setdefault(job.loop, []).append((job.answer, outcome))
    for loop, answers in by_loop.items():
        # A process that ends takes its loop away first; the page asks again elsewhere with the same client id.
        if loop.is_running():
            loop.call_soon_threadsafe(_call_all, answers)


def _call_all(answers: list[tuple[Answer, Outcome]]) -> None:
    for answer, outcome in answers:
        try:
            answer(outcome)
        except Exception:  # whatever is wrong with one page, the others have their answers
            logger.exception("an answer could not be given")


writer = Writer()
