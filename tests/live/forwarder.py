"""A forwarder between a web process and a server, so that a test can cut off that process alone."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from tests.live.web import free_port


class Forwarder:
    """Passes connections from a loopback port on to a server, until they are cut."""

    def __init__(self, target: tuple[str, int] | str) -> None:
        """`target` is a host and port, or the path of a Unix socket."""
        self.port = free_port()
        self._target = target
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def start(self) -> None:
        """Take connections, from now on or again."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """Close all connections and accept no more, as if the server had been stopped."""
        ends, self._open = [self._listener, *self._open], []
        for end in filter(None, ends):
            # Whoever waits in another thread for it is woken by this, and by close alone not.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = listener.accept()
                far = self._connect()
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=ends, daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._target, tuple):
            return socket.create_connection(self._target)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._target)
        return far


def _copy(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := near.recv(65536):
            far.sendall(data)
    for end in (near, far):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def to_postgres(url: str) -> tuple[Forwarder, str]:
    """A forwarder to the database of `url`, and the address through it."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    folder = unquote(query.get("host", ""))
    port = parts.port or int(query.get("port", "5432"))
    forwarder = Forwarder(f"{folder}/.s.PGSQL.{port}" if folder else (str(parts.hostname), port))
    user = parts.netloc.rpartition("@")[0]
    return forwarder, f"postgresql://{user}@127.0.0.1:{forwarder.port}{parts.path}"


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield int(listener.getsockname()[1])
