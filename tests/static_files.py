"""The product's static files as a web process serves them, collected once for all test processes of a run."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def collect_once(folder: Path) -> Path:
    """Collect into the folder unless another test process has: under names by their content, and under their own."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            # Under its name when all is there.
            unfinished = folder.with_suffix(".new")
            environment = os.environ | {"STATIC_ROOT": str(unfinished), "STATIC_HASHED": "1", "DEBUG": "0"}
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
            unfinished.rename(folder)
    return folder
