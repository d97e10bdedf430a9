"""A real web process for tests: Daphne on a free loopback port, with the test's own database."""

import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import weakref
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import redis
from django.conf import settings
from django.db import connection

from tests.live.fork_server import Forked, Zygote, seats

ROOT = Path(__file__).resolve().parents[2]
FIRST_PORT, PORTS, PORT_RANGES = 10_240, 600, 16
# What pytest says of the running test is no business of its web process.
OF_ONE_TEST = {"PYTEST_CURRENT_TEST"}
_ports = itertools.count(random.SystemRandom().randrange(PORTS))


def free_port() -> int:
    """A loopback port without a listener, reserved for the caller.

    Each test process has a range of its own, below those that the system takes for outgoing connections.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PORT_RANGES
    while True:
        port = FIRST_PORT + number * PORTS + next(_ports) % PORTS
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def database_url_of_the_test() -> str:
    """DATABASE_URL with the name of the database this test process uses."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path="/" + quote(connection.settings_dict["NAME"])))


def forget(channel_prefix: str) -> None:
    """Remove what an earlier web process has counted in Valkey under this prefix."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := list(client.scan_iter(f"{channel_prefix}:*")):
            client.delete(*keys)


class WebProcess:
    """Start, kill and restart the product's web process."""

    arguments: tuple[str, ...] = ()

    def __init__(self, log: Path, *, application: str = "worksbridge.asgi:application", **environment: str) -> None:
        self._application = application
        self._seat = seats.take(environment, free_port)
        weakref.finalize(self, seats.give_back, self._seat)
        self.port = self._seat.port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.channel_prefix = f"test-{self.port}"
        self._environment = {name: value for name, value in os.environ.items() if name not in OF_ONE_TEST} | {
            "DATABASE_URL": database_url_of_the_test(),
            "DATABASE_POOL": "12",
            "ORIGINS": f"{self.origin},http://localhost:{self.port}",
            "CHANNEL_PREFIX": self.channel_prefix,
            "DJANGO_SETTINGS_MODULE": "worksbridge.settings",
            "DEBUG": "0",
            **environment,
        }
        # With a path of its own it wants something done before the first library is imported.
        self._is_fresh = "PYTHONPATH" in environment
        self._process: Forked | subprocess.Popen[bytes] | None = None
        self._has_run = False

    def start(self) -> None:
        """Start it and wait until it answers. Fails with the end of its log."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it and do not wait. Until somebody asks it for something it does nothing with the database."""
        listening = ["-v", "0", "-b", "127.0.0.1", "-p", str(self.port)]
        # Daphne gives a socket up that is not accepted within 5 s; many at once take longer on a busy machine.
        listening += ["--websocket_connect_timeout", "30"]
        arguments = [*listening, *self.arguments, self._application]
        if self._is_fresh:
            command = [sys.executable, "-m", "daphne", *arguments]
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=output, stderr=output)
        else:
            self._process = self._ready_zygote().fork(arguments, self.log)

    def _ready_zygote(self) -> Zygote:
        """The one of this process's seat: a new one at first, and when the environment was changed."""
        seat = self._seat
        if seat.zygote is None or seat.zygote.environment != self._environment:
            if seat.zygote is not None:
                seat.zygote.close()
            seat.zygote = Zygote(ROOT, self._environment)
        elif self._process is None and not self._has_run:
            forget(self.channel_prefix)
        self._has_run = True
        return seat.zygote

    def wait(self) -> None:
        """Wait until it answers. Fails with the end of its log."""
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise AssertionError("the web process did not start:\n" + self.log.read_text()[-4000:])
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=15) as response:
                return response.status == 200
        except OSError:
            return False

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Status, body and headers of its answer; underscores in the names of `headers` stand for dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self._process is not None
        return self._process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal and wait for its end."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            raise AssertionError("the web process did not end:\n" + self.log.read_text()[-4000:]) from None
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and start it again on the same port."""
        self.stop(how)
        self.start()


# Starts one with this environment.
Start = Callable[..., WebProcess]
