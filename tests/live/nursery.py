"""Where the web processes of tests come from: forked from a process that has the libraries in memory already.

Half of a web process's start is importing libraries, and tests start more than a hundred of them. What is forked has
imported nothing of the product yet, and neither read its settings.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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
    "linkify_it",
    "markdown_it",
    "nh3",
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

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(LIBRARIES)


class Forked:
    """A forked Daphne, with the part of `subprocess.Popen` that tests use."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        inherited = (list(arguments), str(folder), dict(environment), str(log))
        # A daemon: it ends with the tests, whatever becomes of the one that started it.
        self._process = _context.Process(target=_serve, args=inherited, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises subprocess.TimeoutExpired when it has not by then."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("daphne", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _serve(arguments: list[str], folder: str, environment: dict[str, str], log: str) -> None:
    """`python -m daphne` with these arguments, in this folder and environment; what it prints goes to the log."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["daphne", *arguments]
    from daphne.cli import CommandLineInterface  # noqa: PLC0415  (installs the reactor: only here)

    CommandLineInterface.entrypoint()
