"""What the launcher's tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that other accounts can enter, as a clone's usually is; pytest's own is closed to them."""
    with tempfile.TemporaryDirectory(prefix="launcher-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
