"""What is said when Janus does not answer, or something else does."""

import socket
import time
from contextlib import closing
from threading import Thread

import pytest

from calls import janus


def test_when_nothing_listens(settings):
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        settings.JANUS_ADMIN_URL = f"http://127.0.0.1:{probe.getsockname()[1]}/admin"
        assert_unavailable()


def test_when_it_is_another_server(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings.JANUS_ADMIN_URL = f"http://127.0.0.1:{other.getsockname()[1]}/admin"
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n[1, 2]"
        Thread(target=lambda: other.accept()[0].sendall(answer), daemon=True).start()
        assert_unavailable()


def test_within_three_seconds_when_it_hangs(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings.JANUS_ADMIN_URL = f"http://127.0.0.1:{other.getsockname()[1]}/admin"
        started = time.monotonic()
        assert_unavailable()
        assert time.monotonic() - started < 4


def assert_unavailable() -> None:
    with pytest.raises(janus.Unavailable) as unavailable:
        janus.access(1, 7, 111)
    assert unavailable.value.status == 503
