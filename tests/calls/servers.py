"""coturn and Janus started by a test itself, with the deployment's own files."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.live.web import ROOT

DEPLOY = ROOT / "deploy"


@contextlib.contextmanager
def running(name: str, arguments: Sequence[str | Path], answers: Callable[[], bool], folder: Path) -> Iterator[None]:
    """Run the program that the launcher found (`name` is TURN or JANUS) from when it answers to the block's end."""
    env = {"LD_LIBRARY_PATH": os.environ[f"{name}_LIBRARIES"], "PATH": "/usr/bin:/bin"}
    log = folder / "log"
    with log.open("wb") as output:
        command = [os.environ[f"{name}_PROGRAM"], *arguments]
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, cwd=folder)
    try:
        _wait_until(answers, process, log)
        yield
    finally:
        process.kill()
        process.wait()


def _wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the program answers; fail with what it says when it ends before."""
    end = time.monotonic() + 30
    while not answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def filled_in(path: Path, changes: dict[str, str]) -> str:
    """Return a file of the deployment with the texts replaced, each of which has to be there."""
    text = path.read_text()
    for before, after in changes.items():
        assert before in text, f"{path.name}: {before}"
        text = text.replace(before, after)
    return text
