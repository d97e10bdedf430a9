"""The path of a server's socket: beside its data, or in a short folder when that path is too long for the kernel."""

import os
import shutil
import tempfile
from pathlib import Path

from .accounts import Account

# The kernel takes 107 bytes on Linux and 103 on macOS.
MAX_PATH = 103
SOCKET = ".s.PGSQL.5432.lock"


def folder(home: Path, account: Account | None) -> Path:
    """Return a folder, closed to others, for the sockets of the server at `home`."""
    beside = home / "socket"
    if beside.is_symlink():  # a short folder of a server that was killed
        shutil.rmtree(beside.readlink(), ignore_errors=True)
        beside.unlink()
    if len(os.fsencode(beside / SOCKET)) > MAX_PATH:
        beside.symlink_to(short := Path(tempfile.mkdtemp(prefix="worksbridge-", dir=_short_base())))
        return _owned(short, account)
    # A leftover of a killed server: the caller has stopped all others.
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    return _owned(beside, account)


def discard(folder: Path) -> None:
    """Remove a short folder; the one beside the data stays."""
    if folder.name.startswith("worksbridge-"):
        shutil.rmtree(folder, ignore_errors=True)


def _short_base() -> str | None:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) + len("/worksbridge-12345678/" + SOCKET) <= MAX_PATH else "/tmp"  # noqa: S108


def _owned(folder: Path, account: Account | None) -> Path:
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder
