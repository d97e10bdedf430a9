"""coturn and Janus started by a test itself, with the deployment's own files."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.live.web import ROOT

DEPLOY = ROOT / "deploy"


@contextlib.contextmanager
def running(name: str, arguments: Sequence[str | Path], port: tuple[str, int], folder: Path) -> Iterator[None]:
    """Run the program that the launcher found (`name` is TURN or JANUS) until the end of the block."""
    env = {"LD_LIBRARY_PATH": os.environ[f"{name}_LIBRARIES"], "PATH": "/usr/bin:/bin"}
    log = folder / "log"
    with log.open("wb") as output:
        command = [os.environ[f"{name}_PROGRAM"], *arguments]
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, cwd=folder)
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(port: tuple[str, int], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until somebody listens on the port; fail with what the program says when it ends before."""
    end = time.monotonic() + 10
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(port) == 0:
                return
        time.sleep(0.05)


def filled_in(path: Path, changes: dict[str, str]) -> str:
    """Return a file of the deployment with the texts replaced, each of which has to be there."""
    text = path.read_text()
    for before, after in changes.items():
        assert before in text, f"{path.name}: {before}"
        text = text.replace(before, after)
    return text
