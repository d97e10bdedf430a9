"""A real web process for tests: Daphne on a free loopback port, with the test's own database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from tests.live.nursery import Forked

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url_of_the_test() -> str:
    """DATABASE_URL with the name of the database this test process uses."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path="/" + quote(connection.settings_dict["NAME"])))


class WebProcess:
    """Start, kill and restart the product's web process."""

    arguments: tuple[str, ...] = ()

    def __init__(self, log: Path, **environment: str) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.channel_prefix = f"test-{self.port}"
        self._environment = os.environ | {
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

    def start(self) -> None:
        """Start it and wait until it answers. Fails with the end of its log."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it and do not wait. Until somebody asks it for something it does nothing with the database."""
        listening = ["-v", "0", "-b", "127.0.0.1", "-p", str(self.port)]
        arguments = [*listening, *self.arguments, "worksbridge.asgi:application"]
        if self._is_fresh:
            command = [sys.executable, "-m", "daphne", *arguments]
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=output, stderr=output)
        else:
            self._process = Forked(arguments, ROOT, self._environment, self.log)

    def wait(self) -> None:
        """Wait until it answers. Fails with the end of its log."""
        deadline = time.monotonic() + 40
        while not self._answers():
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise AssertionError("the web process did not start:\n" + self.log.read_text()[-4000:])
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

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
            self._process.wait(15)
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
