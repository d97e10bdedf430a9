"""A wrong clock for one web process."""

from pathlib import Path

SHIFTED = Path(__file__).with_name("shifted")


def shifted(seconds: int) -> dict[str, str]:
    """The environment with which a Python process's clock is so many seconds fast."""
    return {"PYTHONPATH": str(SHIFTED), "CLOCK_FAST": str(seconds)}
