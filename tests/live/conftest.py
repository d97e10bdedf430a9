"""Real web processes for tests of the socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.web import WebProcess


@pytest.fixture
def web(transactional_db: None, tmp_path: Path, settings: object) -> Iterator[WebProcess]:
    """A running web process on this test's database; what the test itself pushes reaches it too."""
    process = WebProcess(tmp_path / "web.log")
    layer = settings.CHANNEL_LAYERS["default"]
    prefix = {"prefix": process.channel_prefix}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | prefix}}
    process.start()
    yield process
    process.stop()
