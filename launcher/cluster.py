"""The files of a Postgres server: making them, and what they say about a server that runs or ran on them."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .accounts import Account
from .errors import LocalError
from .processes import command_line, is_alive

# Nothing of the terminal's language or time zone reaches the server.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
READY_LINE = 7


def create(cluster: Path, *, name: str, programs: Path, account: Account | None) -> None:
    """Make a cluster with the superuser `name` and the database `name`; nothing is left when that fails."""
    unfinished = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run([programs / "initdb", "-D", unfinished, "-U", name, "--auth=trust", "--no-instructions", *locale], account)
    _run([programs / "postgres", "--single", "-D", unfinished, "template1"], account, f"CREATE DATABASE {name}\n")
    unfinished.rename(cluster)


def _run(command: list[str | Path], account: Account | None, text: str = "") -> None:
    done = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        cwd="/",  # a folder that every account may enter
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    if done.returncode:
        raise LocalError(f"{Path(command[0]).name} failed:\n{done.stdout}")


def is_ready(cluster: Path) -> bool:
    """Tell whether a server runs on this cluster and says in its pid file that it takes connections."""
    lines = _pid_file(cluster)
    return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready" and _serves(_pid(lines), cluster)


def stop_orphan(cluster: Path, seconds: float = 20) -> None:
    """Stop a server left running on this cluster, and wait for the sessions of one that was killed.

    Call it with the folder's lock held: then no one needs a server that still runs. A pid file whose number
    belongs to another program by now is removed: Postgres would take that program for a running server.
    """
    pid = _pid(_pid_file(cluster))
    end = time.monotonic() + seconds
    if _serves(pid, cluster):
        os.kill(pid, signal.SIGINT)
    while _serves(pid, cluster) or _sessions(cluster):
        if time.monotonic() > end:
            raise LocalError(f"Another Postgres server still works on {cluster} and does not stop. Stop it.")
        time.sleep(0.05)
    if is_alive(pid):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _sessions(cluster: Path) -> list[str]:
    """The processes that work in this folder (Linux only; elsewhere Postgres refuses to start beside them)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == cluster.resolve():
                found.append(entry.name)
    return found


def _pid(lines: list[str]) -> int:
    return int(lines[0]) if lines and lines[0].strip().isdigit() else 0


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _serves(pid: int, cluster: Path) -> bool:
    arguments = command_line(pid)
    return bool(arguments) and Path(arguments[0]).name == "postgres" and str(cluster) in arguments
