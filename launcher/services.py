"""The services a command needs, from the environment when they are named there, else our own."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import Busy, LocalError
from .postgres import Postgres
from .valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / ".data"
TEST_FOLDERS = 8
More = Callable[[Path], contextlib.AbstractContextManager[dict[str, str]]]


@contextlib.contextmanager
def services(data: Path, *, durable: bool = True, more: More | None = None) -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL of services that run until the end of the block, and what `more` has to say.

    `more` starts further ones, given the same folder.
    """
    with contextlib.ExitStack() as stack:
        urls = {"DATABASE_URL": _database(stack, data, durable), "REDIS_URL": _valkey(stack, data)}
        yield {**urls, **(stack.enter_context(more(data)) if more else {})}


def _database(stack: contextlib.ExitStack, data: Path, durable: bool) -> str:
    given = os.environ.get("DATABASE_URL")
    return given or stack.enter_context(Postgres(data / "postgres", durable=durable)).url


def _valkey(stack: contextlib.ExitStack, data: Path) -> str:
    return os.environ.get("REDIS_URL") or stack.enter_context(Valkey(data / "valkey")).url


@contextlib.contextmanager
def test_services(more: More | None) -> Iterator[dict[str, str]]:
    """Yield services for tests, in the first folder that no other test run is using."""
    with contextlib.ExitStack() as stack:
        yield _first_free(stack, more)


def _first_free(stack: contextlib.ExitStack, more: More | None) -> dict[str, str]:
    for number in range(1, TEST_FOLDERS + 1):
        data = DATA / ("test" if number == 1 else f"test-{number}")
        with contextlib.suppress(Busy):
            return stack.enter_context(services(data, durable=False, more=more))
    raise LocalError(f"{TEST_FOLDERS} test runs are using this folder already.")


def secret_key(data: Path) -> str:
    """Return the SECRET_KEY given, or this folder's own, made at first and readable by its owner alone."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = data / "secret_key"
    data.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(new, secrets.token_urlsafe(50).encode())
        os.close(new)
    return path.read_text()
