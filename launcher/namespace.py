"""A network of our own: loopback and one more interface, which nothing outside can reach and which reaches nothing.

Browsers, Janus and coturn leave loopback addresses out when they look for ways to each other, so that calls on one
machine need another interface; and a machine's real ones are not for tests to use.
"""

import ctypes
import os
import sys
from pathlib import Path

from . import links
from .errors import LocalError

NEW_USER, NEW_NET = 0x10000000, 0x40000000
ADDRESS = "10.77.0.1"
INTERFACE, FAR_END = "media0", "media1"
MISSING = (
    "Tests with calls need a network namespace, and this system gives none ({}). Run `make test` on Linux as root, or "
    "allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`;"
    " for a container: `--cap-add SYS_ADMIN`)."
)


def enter() -> None:
    """Move this process, and what it starts from now on, into a new network. Raises LocalError, changing nothing."""
    if not sys.platform.startswith("linux"):
        raise LocalError(MISSING.format(f"it is {sys.platform}"))
    try:
        _try_in_a_child()
        _unshare()
        _furnish()
    except OSError as error:
        raise LocalError(MISSING.format(error.strerror)) from None


def _try_in_a_child() -> None:
    """Raise the OSError that a child meets on the same way: there is no way back out of half a network."""
    child = os.fork()
    if child == 0:
        try:
            _unshare()
            _furnish()
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number))


def _unshare() -> None:
    """Leave the network; who is not root becomes the master of a namespace of users first, under their own number.

    Not as its root: Postgres refuses to run as root, and programs started later hold no rights over the network.
    """
    uid, gid = os.geteuid(), os.getegid()
    _call_unshare(NEW_NET if uid == 0 else NEW_USER | NEW_NET)
    if uid == 0:
        return
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _call_unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _furnish() -> None:
    links.bring_up("lo")
    links.add_pair(INTERFACE, FAR_END)
    links.add_address(INTERFACE, f"{ADDRESS}/24")
    # A page without a camera's permission learns only of the interface that leads to the internet.
    links.route_all(INTERFACE)
