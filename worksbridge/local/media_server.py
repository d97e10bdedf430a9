"""What coturn and Janus have in common: a folder with their configuration, an account, a lock and a log."""

import contextlib
import os
import socket
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from .accounts import service_account
from .debian import Program
from .errors import LocalError
from .locks import Lock
from .places import home
from .processes import Server, tail, wait_until

GRACE = 2
START_SECONDS = 20


class MediaServer(ABC):
    """A server of one folder, in a network of its own; use as a context manager, or `start()` and `stop()`."""

    name = ""

    def __init__(self, program: Program, data: Path, address: str) -> None:
        """`address` is this machine's in the network that calls use."""
        self.program = program
        self.address = address
        self._wanted = data.absolute()
        busy = f"Another process is running the server {self.name} of {self._wanted}."
        self._lock = Lock(self._wanted.with_name(self._wanted.name + ".lock"), busy)
        self._server: Server | None = None

    @property
    @abstractmethod
    def env(self) -> dict[str, str]:
        """What the product and its tests need to know of the started server."""

    @abstractmethod
    def files(self, folder: Path) -> dict[str, str]:
        """Return the configuration: names and contents of files in its folder."""

    @abstractmethod
    def command(self, folder: Path) -> list[str | Path]:
        """Return the program and its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it is ready."""

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
        folder = home(self._wanted, service_account(self._wanted))
        account = service_account(folder)
        for name, content in self.files(folder).items():
            path = _write(folder / name, content)
            if account:
                os.chown(path, account.uid, account.gid)
        log = folder / "server.log"
        with log.open("wb") as output:
            server = self._server = Server(
                self.command(folder),
                grace=GRACE,
                account=account,
                env=self.program.env,
                cwd=folder,
                log=output,
                lock=self._lock.fd,
            )
        try:
            wait_until(self.answers, alive=lambda: server.running, seconds=START_SECONDS, what=self.name)
        except LocalError as error:
            raise LocalError(f"{error} The end of {log}:\n{tail(log)}") from None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def listens(address: str, port: int) -> bool:
    """Tell whether a server takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


def _write(path: Path, content: str) -> Path:
    """Write into a file for the server alone: a secret on its command line would show in lists of processes."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    return path
