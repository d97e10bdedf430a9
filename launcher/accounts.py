"""The unprivileged account that the servers run as when the launcher runs as root."""

import os
import pwd
import subprocess
from pathlib import Path
from typing import NamedTuple

NOBODY = 65534


class Account(NamedTuple):
    """A user and group of the system, by number."""

    uid: int
    gid: int


def service_account(data: Path) -> Account | None:
    """Return who the servers run as, or None when that is the current user.

    Postgres refuses to run as root. Data that exists already keeps its owner.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY)
    return Account(entry.pw_uid, entry.pw_gid)


def can_use(account: Account | None, path: Path) -> bool:
    """Tell whether the account can read `path` and walk to it, by trying: modes alone do not say (ACLs, mounts)."""
    if account is None:
        return True
    test = 'test -r "$1" && test -x "$1"'
    if not path.is_dir():
        test = 'test -r "$1"'
    command = ["/bin/sh", "-c", test, "sh", str(path)]
    tried = subprocess.run(command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False)
    return tried.returncode == 0
