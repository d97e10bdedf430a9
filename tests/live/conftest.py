"""Real web processes for tests of the socket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calls.ring import without_media_servers
from tests.live.web import Start, WebProcess

NO_MEDIA_SERVERS = dict.fromkeys(
    ("JANUS_URL", "JANUS_ADMIN_URL", "JANUS_ADMIN_SECRET", "JANUS_TOKEN_SECRET", "TURN_URLS", "TURN_SECRET"), ""
)


@pytest.fixture
def web(transactional_db: None, tmp_path: Path, settings: object) -> Iterator[WebProcess]:
    """A running web process on this test's database; what the test itself pushes reaches it too."""
    process = WebProcess(tmp_path / "web.log")
    _push_to(process, settings)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def start_web(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Start]:
    """Starts a web process with this environment, without media servers; what the test itself pushes reaches it too."""
    without_media_servers(settings)
    started: list[WebProcess] = []

    def start(**environment: str) -> WebProcess:
        process = WebProcess(tmp_path / "web.log", **NO_MEDIA_SERVERS, **environment)
        _push_to(process, settings)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


def _push_to(process: WebProcess, settings: Any) -> None:
    """Let what the test pushes reach the process."""
    layer = settings.CHANNEL_LAYERS["default"]
    prefix = {"prefix": process.channel_prefix}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
