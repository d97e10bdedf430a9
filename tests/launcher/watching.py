"""Seeing what runs on this machine."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from launcher.processes import command_line


def soon(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def runs_on(data: Path) -> list[int]:
    """The processes that name this folder, other than this one."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in numbers if pid != os.getpid() and any(str(data) in part for part in command_line(pid))]
