"""Running one command with the services it needs."""

import os
import signal
import subprocess
from collections.abc import Sequence

from . import media
from .errors import LocalError
from .guard import signal_when_parent_ends
from .services import DATA, ROOT, secret_key, services, test_services
from .signals import Stopped, stoppable

TEST_KEY = "test-only-secret-key-of-the-local-launcher-0123456789"
STOPPED = 130
GRACE = 10


def execute(command: Sequence[str], *, test: bool, calls: bool = False) -> int:
    """Run `command` in the project's folder with services running; return its exit code.

    With `calls` also coturn and Janus, all in a network of their own.
    """
    with stoppable():
        try:
            more = media.prepare() if calls else None
            with test_services(more) if test else services(DATA, more=more) as urls:
                return _run(command, {**os.environ, **urls, "SECRET_KEY": _key(test)})
        except Stopped:
            return STOPPED


def _key(test: bool) -> str:
    return os.environ.get("SECRET_KEY", TEST_KEY) if test else secret_key(DATA)


def _run(command: Sequence[str], env: dict[str, str]) -> int:
    parent = os.getpid()
    prepare = lambda: signal_when_parent_ends(signal.SIGTERM, parent)  # noqa: E731
    try:
        process = subprocess.Popen(command, env=env, cwd=ROOT, preexec_fn=prepare)  # noqa: PLW1509 (one thread here)
    except OSError as error:
        raise LocalError(f"Cannot run {command[0]}: {error.strerror}.") from None
    try:
        code = process.wait()
    except Stopped:
        _stop(process)
        raise
    return code if code >= 0 else 128 - code


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
