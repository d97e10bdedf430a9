"""Runs one server and stops it as soon as the process that asked for it ends, however that ends.

Run as a script with a pipe as standard input. The kernel closes the pipe when the other side ends, also by SIGKILL, and
the end of the pipe is the sign to stop. The server in turn gets a signal when this process ends, where the kernel
offers that; this process has one thread only, because that signal follows the thread that started the server.
"""

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def signal_when_parent_ends(number: int, parent: int) -> None:
    """Ask the kernel (Linux only) to send signal `number` to this process when `parent`, its parent, ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signal", type=int, default=signal.SIGTERM)
    parser.add_argument("--grace", type=float, default=10)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _start(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def prepare() -> None:  # runs after the change of user, which would clear the request
        signal_when_parent_ends(options.signal, parent)

    groups: list[int] | None = [] if options.uid is not None else None
    return subprocess.Popen(
        options.command,
        stdin=subprocess.DEVNULL,
        user=options.uid,
        group=options.gid,
        extra_groups=groups,
        preexec_fn=prepare,  # noqa: PLW1509 (one thread here)
    )


def _wanted() -> bool:
    readable, _, _ = select.select([0], [], [], 0.2)
    return not readable or bool(os.read(0, 1))


def _stop(server: subprocess.Popen[bytes], number: int, grace: float) -> None:
    server.send_signal(number)
    try:
        server.wait(grace)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main() -> int:
    """Run the server until it ends or is no longer needed; return its exit code."""
    options = _options()
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    server = _start(options)
    while server.poll() is None:
        if stopping or not _wanted():
            _stop(server, options.signal, options.grace)
    return server.returncode if server.returncode >= 0 else 128 - server.returncode


if __name__ == "__main__":
    sys.exit(main())
