"""Where the web processes of tests come from: forked from processes that have imported what they need.

Nearly all of a web process's start is importing, and tests start some two hundred of them. So there are two steps: a
fork server that has the libraries in memory, and zygotes forked from it, which have the product too, with the settings
of one environment. What a zygote forks is a fresh web process: no connection, no thread, nothing of an earlier test.
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from launcher.guard import signal_when_parent_ends

# What the product imports and what reads no settings. None may install Twisted's reactor, which cannot be shared.
LIBRARIES = [
    "autobahn.twisted.websocket",
    "channels.routing",
    "channels.security.websocket",
    "channels_redis.pubsub",
    "django.contrib.admin",
    "django.contrib.postgres.search",
    "django.forms",
    "django.template.loader",
    "django.test.utils",
    "idna",
    "PIL.Image",
    "prometheus_client",
    "psycopg",
    "psycopg_pool",
    "redis.asyncio",
    "structlog",
    "twisted.internet.asyncioreactor",
    "twisted.web.http",
    "whitenoise.middleware",
]

# Each has the memory of a web process.
KEPT = 4

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(LIBRARIES)


class Zygote:
    """A process with the product imported that forks web processes, all with one environment."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._told, theirs = _context.Pipe()
        # A daemon: it ends with the tests, whatever happens to the process that started it.
        self._process = _context.Process(target=_serve, args=(str(folder), self.environment, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._forked: set[int] = set()
        self._ended: dict[int, int] = {}
        self._lock = threading.Lock()

    def fork(self, arguments: Sequence[str], log: Path) -> "Forked":
        """Start `python -m daphne` with these arguments; what it prints goes to the log."""
        with self._lock:
            self._told.send((list(arguments), str(log)))
            while isinstance(answer := self._told.recv(), tuple):
                self._note(answer)
            self._forked.add(answer)
        return Forked(self, answer)

    @property
    def is_idle(self) -> bool:
        """Whether all that it has forked has ended."""
        return all(self.exit_code(pid) is not None for pid in self._forked)

    def exit_code(self, pid: int) -> int | None:
        """How one of its processes ended, or None while it runs."""
        with self._lock, contextlib.suppress(EOFError):
            while self._told.poll():
                self._note(self._told.recv())
        return self._ended.get(pid)

    def close(self) -> None:
        """End it, and whatever it has forked."""
        self._told.close()
        self._process.join()

    def _note(self, ended: tuple[int, int]) -> None:
        self._ended[ended[0]] = ended[1]


@dataclass
class Seat:
    """A port, and once it was used a zygote whose environment names it."""

    wishes: frozenset[tuple[str, str]]
    port: int
    zygote: Zygote | None = None


class Seats:
    """The seats of web processes that are gone, for those to come with the same wishes."""

    def __init__(self) -> None:
        self._free: list[Seat] = []

    def take(self, wishes: Mapping[str, str], new_port: Callable[[], int]) -> Seat:
        """A free seat for a web process that wishes for these environment variables, or a new one."""
        wanted = frozenset(wishes.items())
        found = next(
            (seat for seat in self._free if seat.wishes == wanted and seat.zygote and seat.zygote.is_idle), None
        )
        if found is None:
            return Seat(wanted, new_port())
        self._free.remove(found)
        return found

    def give_back(self, seat: Seat) -> None:
        """No longer in use. Of the unused ones only the latest are kept."""
        self._free.append(seat)
        while len(self._free) > KEPT:
            oldest = self._free.pop(0)
            if oldest.zygote:
                oldest.zygote.close()


seats = Seats()


class Forked:
    """A forked Daphne, with the part of `subprocess.Popen` that tests use."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote = zygote
        self.pid = pid

    def poll(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._zygote.exit_code(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises subprocess.TimeoutExpired when it has not by then."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("daphne", timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _serve(folder: str, environment: dict[str, str], told: Connection) -> None:
    """The zygote: fork when asked, answer with the number of the process, say how each ended, until nobody asks."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    noticed, notice = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(notice, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _import_product()
    running: set[int] = set()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            ready = wait([told, noticed])
            if noticed in ready:
                os.read(noticed, 4096)
                for ended in _reap(running):
                    told.send(ended)
            if told in ready:
                arguments, log = told.recv()
                pid = _fork(arguments, log)
                running.add(pid)
                told.send(pid)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _import_product() -> None:
    import django  # noqa: PLC0415  (only here are the settings those of the zygote)

    django.setup()
    importlib.import_module("worksbridge.asgi")
    importlib.import_module("worksbridge.urls")
    _compile_pages()
    gc.collect()
    gc.freeze()


def _compile_pages() -> None:
    """Do once what the first page of each web process would do. Whatever is wrong with a page shows on that page."""
    from django.conf import settings  # noqa: PLC0415
    from django.template import TemplateSyntaxError, engines  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    reverse("admin:index")
    for folder in map(Path, settings.TEMPLATES[0]["DIRS"]):
        for file in folder.rglob("*.html"):
            with contextlib.suppress(TemplateSyntaxError):
                engines["django"].get_template(str(file.relative_to(folder)))


def _reap(running: set[int]) -> Iterator[tuple[int, int]]:
    """Those that have ended: the number and how."""
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            running.remove(pid)
            yield pid, os.waitstatus_to_exitcode(status)


def _fork(arguments: Sequence[str], log: str) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    code = 1
    try:
        signal_when_parent_ends(signal.SIGKILL, parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        code = _daphne(arguments)
    except BaseException:  # noqa: BLE001  (nothing may reach the zygote's own code)
        traceback.print_exc()
    finally:
        threading._shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _daphne(arguments: Sequence[str]) -> int:
    """`python -m daphne` with these arguments; its exit code."""
    # The zygote's event loop belongs to all that it forks: each makes its own, as at the first import.
    importlib.reload(sys.modules["daphne.server"])
    from daphne.cli import CommandLineInterface  # noqa: PLC0415  (takes the reactor that is there: only now)

    sys.argv = ["daphne", *arguments]
    try:
        CommandLineInterface.entrypoint()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
