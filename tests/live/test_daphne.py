"""Daphne's real connection has all that is used of it beyond its interface, and texts of every length go both ways."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.live.echo import REPORT
from tests.live.web import ROOT, free_port
from worksbridge.live import daphne
from worksbridge.live.transport import WAITING_LIMIT, Frame, Transport

PATIENCE = 30
# Where the length of a frame is written in another way (RFC 6455, 5.2), and none at all.
LENGTHS = (0, 1, 125, 126, 65_535, 65_536)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Daphne that runs the echo, as `deploy/` starts one."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "tests.live.echo:application"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield f"ws://127.0.0.1:{port}/"
        finally:
            server.kill()


async def opened(address: str) -> ClientConnection:
    """A connection, as soon as the server takes it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await connect(address, max_size=None, compression=None)
            except OSError:
                await asyncio.sleep(0.05)


def test_all_that_is_used_is_there_and_the_quick_way_is_taken(address: str) -> None:
    async def scenario() -> dict[str, Any]:
        async with await opened(address) as socket:
            await socket.send(REPORT)
            found: dict[str, Any] = json.loads(await socket.recv())
            return found

    assert asyncio.run(scenario()) == {
        "lacking": [],
        "quick": True,
        "between": True,
        "open": True,
        "queued": 0,
        "unsent": 0,
    }


@pytest.mark.parametrize("length", LENGTHS)
def test_a_text_of_any_length_goes_both_ways(address: str, length: int) -> None:
    async def scenario() -> list[str | bytes]:
        async with await opened(address) as socket, asyncio.timeout(PATIENCE):
            for text in ("x" * length, "가" * (length // 3)):
                await socket.send(text)
            return [await socket.recv(), await socket.recv()]

    assert asyncio.run(scenario()) == ["x" * length, "가" * (length // 3)]


def test_another_server_is_used_by_its_own_interface_and_its_slow_reader_is_measured() -> None:
    taken: list[str] = []
    reads = asyncio.Event()

    async def send(event: dict[str, Any]) -> None:
        await reads.wait()
        taken.append(event["text"])

    async def scenario() -> tuple[int, int, bool]:
        before = daphne.metrics.connections_unknown._value.get()
        transport = Transport(send)
        assert daphne.metrics.connections_unknown._value.get() == before + 1
        transport.write([Frame("x" * WAITING_LIMIT)])
        transport.write([Frame("y")])
        full = transport.waiting()
        reads.set()
        async with asyncio.timeout(PATIENCE):
            await transport._queue  # type: ignore[misc]
        return full, transport.waiting(), transport.close(1001)

    assert asyncio.run(scenario()) == (WAITING_LIMIT + 1, 0, False)
    assert [text[0] for text in taken] == ["x", "y"]


def test_what_is_missing_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    send = SimpleNamespace(args=(SimpleNamespace(sendMessage=None, transport=None),))
    with caplog.at_level("WARNING", logger="worksbridge.live.daphne"):
        assert daphne.Connection.of(send) is None
        assert daphne.Connection.of(send) is None
    (line,) = caplog.messages
    assert "application_queue" in line
