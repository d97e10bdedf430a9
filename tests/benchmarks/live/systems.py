"""The two servers that are measured, each with its database, its Valkey and its people on the server's core."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.faults.rss import written

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = 100
PAIRS = 50
# One member may open that many pages: enough for the thousand connections of the fourth kind of work.
SOCKETS = 20


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, and the room they talk in."""

    id: int
    session: str


class System(Protocol):
    """What the kinds of work need to know of a server."""

    name: str
    host: str
    people: list[Person]
    # Messages a second in a room of 100, and in fifty pairs, that it surely carries.
    first_rates: tuple[float, float]
    # Whether it tells who sent a message that it is stored.
    acknowledges: bool

    def host_of(self, room: int) -> str:
        """The server to which people of a room connect."""

    def path(self, room: int) -> str:
        """Where the socket is."""

    def room(self, number: int) -> int:
        """The id of the room of 100 (0), or of a pair (1 and on)."""

    def frame(self, room: int, key: str, text: str) -> str:
        """The frame that says `text`."""

    def delivered(self, payload: bytes) -> tuple[str, ...]:
        """The keys of the messages that a frame brings."""

    def acknowledged(self, payload: bytes) -> str:
        """The key of the message that a frame acknowledges, or an empty text."""

    def refused(self, payload: bytes) -> str:
        """The key of the message that a frame refuses, or an empty text."""

    def stored(self, room: int, latest: int) -> list[str]:
        """The keys of so many of the latest messages of a room, in the order that counts."""

    def missed(self, room: int, count: int) -> str:
        """The address that answers the last `count` messages of a room."""


@dataclass
class WorksBridge:
    """The product."""

    host: str
    database: str
    people: list[Person]
    rooms: list[int]
    name: str = "WorksBridge"
    first_rates: tuple[float, float] = (150, 600)
    acknowledges: bool = True
    # More web processes of the same deployment.
    more_hosts: tuple[str, ...] = ()

    def host_of(self, room: int) -> str:
        """Rooms by turns, when there are several processes."""
        hosts = (self.host, *self.more_hosts)
        return hosts[self.rooms.index(room) % len(hosts)]

    def path(self, room: int) -> str:
        """One socket for all rooms."""
        return "/live/"

    def room(self, number: int) -> int:
        """As made by `prepare`."""
        return self.rooms[number]

    def frame(self, room: int, key: str, text: str) -> str:
        """As a page sends it."""
        return json.dumps({"type": "send", "room": room, "client_id": key, "body": text})

    def delivered(self, payload: bytes) -> tuple[str, ...]:
        """The messages in a push; acknowledgements are no deliveries."""
        return _pushed(payload)

    def acknowledged(self, payload: bytes) -> str:
        """It is committed."""
        return str(json.loads(payload)["client_id"]) if payload.startswith(b'{"type":"ack"') else ""

    def refused(self, payload: bytes) -> str:
        """Too much waits: the page would try again."""
        return str(json.loads(payload).get("client_id", "")) if payload.startswith(b'{"type":"nack"') else ""

    def stored(self, room: int, latest: int) -> list[str]:
        """By sequence number."""
        newest = (
            "SELECT client_id::text FROM messaging_message WHERE room_id = %s AND client_id IS NOT NULL"
            " ORDER BY seq DESC LIMIT %s"
        )
        return _rows(self.database, newest, room, latest)[::-1]

    def missed(self, room: int, count: int) -> str:
        """What changed after an earlier revision."""
        [head] = _rows(self.database, "SELECT rev FROM messaging_room WHERE id = %s", room)
        return f"/messages/{room}/changes?after={int(head) - count}"


@dataclass
class TutorialChat:
    """What Channels' tutorial ends with."""

    host: str
    database: str
    people: list[Person]
    name: str = "tutorial chat"
    first_rates: tuple[float, float] = (8, 25)
    acknowledges: bool = False

    def host_of(self, room: int) -> str:
        """There is one."""
        return self.host

    def path(self, room: int) -> str:
        """One socket for each room."""
        return f"/ws/chat/{room}/"

    def room(self, number: int) -> int:
        """Any number is a room."""
        return number

    def frame(self, room: int, key: str, text: str) -> str:
        """As its page sends it."""
        return json.dumps({"key": key, "text": text})

    def delivered(self, payload: bytes) -> tuple[str, ...]:
        """One message in each frame."""
        return (json.loads(payload)["key"],)

    def acknowledged(self, payload: bytes) -> str:
        """Nothing ever is."""
        return ""

    def refused(self, payload: bytes) -> str:
        """Nothing ever is."""
        return ""

    def stored(self, room: int, latest: int) -> list[str]:
        """By number."""
        newest = "SELECT key FROM tutorial_chat_chatmessage WHERE room = %s ORDER BY id DESC LIMIT %s"
        return _rows(self.database, newest, room, latest)[::-1]

    def missed(self, room: int, count: int) -> str:
        """What came after an earlier message."""
        ids = _rows(self.database, "SELECT id FROM tutorial_chat_chatmessage WHERE room = %s ORDER BY id DESC", room)
        return f"/chat/{room}/messages?after={int(ids[count]) if len(ids) > count else 0}"


@lru_cache(maxsize=4096)
def _pushed(payload: bytes) -> tuple[str, ...]:
    frame = json.loads(payload)
    if frame["type"] != "room":
        return ()
    return tuple(item["client_id"] for item in frame["items"] if item["kind"] == "text")


def _rows(database: str, query: str, *values: object) -> list[Any]:
    with psycopg.connect(database) as connection:
        return [row[0] for row in connection.execute(query, values)]


class Process:
    """A web process of one of the systems, on one core."""

    def __init__(self, application: str, log: Path, core: int | None, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        self._log = log
        env = os.environ | {"ORIGINS": f"http://{self.host}"} | environment
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "-v0", application]
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{self.host}/healthz", timeout=5):
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the server did not start:\n" + self._log.read_text()[-4000:])
            time.sleep(0.1)

    def memory(self) -> int:
        """The bytes of memory that it has written to."""
        return written(self.pid)

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def database(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """A fresh database beside the one of `url`, a copy of the template; its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def told(module: str, arguments: list[str], environment: dict[str, str]) -> Any:
    """What a module of ours prints as JSON."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


async def get(host: str, path: str, session: str) -> tuple[float, bytes]:
    """The seconds that a page took, and what it answered. Raises ConnectionError unless it is 200."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(
        f"GET {path} HTTP/1.0\r\nHost: {host}\r\nCookie: sessionid={session}\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    if b" 200 " not in answer[:16]:
        raise ConnectionError(answer[:300].decode(errors="replace"))
    return loop.time() - started, answer.partition(b"\r\n\r\n")[2]
