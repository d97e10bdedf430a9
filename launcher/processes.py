"""Servers that never outlive the process that started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .accounts import Account
from .errors import LocalError

GUARD = Path(__file__).with_name("guard.py")


class Server:
    """A running server, watched by a guard that stops it when this process ends or calls `stop`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        stop_signal: int = signal.SIGTERM,
        grace: float = 10,
        account: Account | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: IO[bytes] | None = None,
        lock: int | None = None,
    ) -> None:
        """Start `command`. `grace` is in seconds; `lock` is a descriptor to hold open while the server runs."""
        guard: list[str | Path] = [
            sys.executable,
            "-I",
            GUARD,
            "--signal",
            str(int(stop_signal)),
            "--grace",
            str(grace),
        ]
        if account:
            guard += ["--uid", str(account.uid), "--gid", str(account.gid)]
        self._grace = grace
        # A session of its own: Ctrl-C at the terminal reaches the launcher alone, which stops things in order.
        self._process = subprocess.Popen(
            [*guard, "--", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=env,
            cwd=cwd,
            start_new_session=True,
            pass_fds=[] if lock is None else [lock],
        )

    @property
    def running(self) -> bool:
        """Whether the server still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of the server, or None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(self._grace + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def wait_until(ready: Callable[[], bool], *, alive: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `ready()`; raise LocalError when `alive()` ends first or the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        if not alive():
            raise LocalError(f"{what} ended while starting.")
        if time.monotonic() > end:
            raise LocalError(f"{what} did not answer within {seconds:.0f} seconds.")
        time.sleep(0.03)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, or nothing."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Tell whether a process with this number exists."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process, or an empty list when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return _command_line_by_ps(pid)
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def _command_line_by_ps(pid: int) -> list[str]:
    if Path("/proc/self").exists():
        return []
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.split()
