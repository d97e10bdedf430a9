"""Programs of Debian's and Ubuntu's packages, unpacked into a folder: needs no root and starts no service."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from .accounts import service_account
from .places import home
from .services import DATA

SECONDS = 300
PROBE_SECONDS = 20
# What the system's loader leaves with; the programs themselves end in several ways after saying how they are used.
NO_LIBRARY = 127


class Program(NamedTuple):
    """A program: its path, and the folder of the libraries and modules unpacked with it, if it was unpacked."""

    path: Path
    libraries: Path | None = None

    @property
    def env(self) -> dict[str, str]:
        """What its environment needs: nothing of the tests' own reaches it."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"} | (
            {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}
        )

    def starts(self) -> bool:
        """Tell whether it can say how it is used: a program without its libraries is there, and useless."""
        try:
            asked = subprocess.run(
                [self.path, "--help"], env=self.env, capture_output=True, timeout=PROBE_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return asked.returncode not in (NO_LIBRARY, -signal.SIGSEGV)


def unpacked(package: str, program: str) -> Program | None:
    """Return the program of a package fetched before."""
    folder = _home() / package
    paths = (folder / "usr" / place / program for place in ("bin", "sbin"))
    path = next(filter(Path.exists, paths), None)
    if path is None:
        return None
    return Program(path, next((folder / "usr" / "lib").glob("*-linux-*"), None))


def fetch(package: str, program: str) -> Program | None:
    """Fetch a package with what it depends on and the system has not; None where there is no apt.

    Raises OSError or SubprocessError.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    target = _home() / package
    # Under its name only when complete: an interrupted download is made again.
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        _download(package, folder)
        for archive in folder.glob("*.deb"):
            _run(["dpkg-deb", "-x", archive, folder / "new"])
        shutil.rmtree(target, ignore_errors=True)
        (folder / "new").rename(target)
    return unpacked(package, program)


def _home() -> Path:
    wanted = DATA / "debian"
    return home(wanted, service_account(wanted))


def _download(package: str, folder: Path) -> None:
    """Use the system's lists of packages, or, where they are missing or old, lists of our own."""
    try:
        return _download_with([], package, folder)
    except subprocess.SubprocessError:
        print("  apt-get update (into a folder of our own)", file=sys.stderr, flush=True)
    options: list[str | Path] = []
    for setting, name in (("Dir::State::Lists", "lists"), ("Dir::Cache", "cache")):
        (folder / name / "partial").mkdir(parents=True)
        options += ["-o", f"{setting}={folder / name}"]
    _run(["apt-get", *options, "update"])
    return _download_with(options, package, folder)


def _download_with(options: list[str | Path], package: str, folder: Path) -> None:
    told = _run(["apt-get", *options, "install", "--simulate", "--no-install-recommends", package])
    missing = [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")]
    # Root would have apt download as another user, who may not enter this folder.
    same_user = ["-o", "APT::Sandbox::User=root"]
    _run(["apt-get", *options, *same_user, "download", *(missing or [package])], cwd=folder)


def _run(command: list[str | Path], cwd: Path | None = None) -> str:
    """Return what it says. Raises OSError or SubprocessError."""
    env = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=True
    )
    return done.stdout.decode()
