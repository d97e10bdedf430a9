"""What every server of ours has in common: a folder, an account, a lock, a log, and an end with its starter."""

import contextlib
import os
import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from .accounts import Account, service_account
from .errors import LocalError
from .locks import Lock
from .places import home
from .processes import Server, tail, wait_until


class LocalServer(ABC):
    """A server of one folder; use as a context manager, or `start()` and `stop()`."""

    name = ""
    # Seconds until it answers at the latest, and how it is asked to end.
    start_seconds: float = 20
    stop_signal = signal.SIGTERM
    grace: float = 10

    def __init__(self, data: Path) -> None:
        self._wanted = data.absolute()
        busy = f"Another process is running the {self.name} server of {self._wanted}."
        self._lock = Lock(self._wanted.with_name(self._wanted.name + ".lock"), busy)
        self._server: Server | None = None
        self._folder = Path()
        self._account: Account | None = None

    @abstractmethod
    def command(self, folder: Path) -> list[str | Path]:
        """Return the program and its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it is ready."""

    def prepare(self, folder: Path, account: Account | None) -> None:  # noqa: B027  (some need nothing)
        """Make what it needs in its folder before it starts, for the account that it runs as."""

    def files(self, folder: Path) -> dict[str, str]:
        """Return the configuration: names and contents of files in its folder."""
        return {}

    def environment(self) -> Mapping[str, str] | None:
        """Return the environment it runs in; None for ours."""
        return None

    def clean_up(self) -> None:  # noqa: B027  (most make nothing there)
        """Remove what `prepare` made outside the folder."""

    def start(self) -> None:
        """Start the server, making its folder at first; returns when it answers. Raises LocalError."""
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
        self.clean_up()
        self._lock.release()

    def _start(self) -> None:
        self._folder = home(self._wanted, service_account(self._wanted))
        self._account = service_account(self._folder)
        self.prepare(self._folder, self._account)
        for name, content in self.files(self._folder).items():
            path = _write(self._folder / name, content)
            if self._account:
                os.chown(path, self._account.uid, self._account.gid)
        self._launch()

    def _launch(self) -> None:
        log = self._folder / "server.log"
        with log.open("wb") as output:
            server = self._server = Server(
                self.command(self._folder),
                stop_signal=self.stop_signal,
                grace=self.grace,
                account=self._account,
                env=self.environment(),
                cwd=self._folder,
                log=output,
                lock=self._lock.fd,
            )
        try:
            wait_until(self.answers, alive=lambda: server.running, seconds=self.start_seconds, what=self.name)
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
