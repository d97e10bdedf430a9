"""The launcher's servers: they start, stop, end with their starter, keep data, and touch nothing but their folder."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import redis

from launcher.cluster import _pid_file
from launcher.errors import Busy
from launcher.postgres import Postgres
from launcher.valkey import Valkey
from tests.launcher.watching import runs_on, soon

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import sys, time
from pathlib import Path
from launcher.{module} import {name}
server = {name}(Path(sys.argv[1]))
server.start()
print(server.url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    yield server
    server.stop()


def ask(server: Postgres | str, query: str) -> list[tuple]:
    url = server if isinstance(server, str) else server.url
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def pid_of(postgres: Postgres) -> int:
    return int(_pid_file(postgres._cluster)[0])


def start_elsewhere(name: str, data: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the server in a process of its own; return that process and the server's address."""
    script = STARTER.format(module=name.lower(), name=name)
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True, process_group=0
    )
    assert starter.stdout
    return starter, starter.stdout.readline().strip()


def modes(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_mode, path.stat().st_uid) for path in [folder, *folder.parents]}


class TestPostgres:
    def test_serves_a_unicode_database_and_keeps_it(self, postgres):
        postgres.start()
        assert ask(postgres, "SELECT current_database(), lower('ÀÉ'), current_setting('max_connections')") == [
            ("worksbridge", "àé", "200")
        ]
        ask(postgres, "CREATE TABLE kept AS SELECT 1 AS one")
        postgres.stop()
        postgres.start()
        assert ask(postgres, "SELECT one FROM kept") == [(1,)]

    def test_is_gone_after_stop(self, postgres, tmp_path):
        postgres.start()
        postgres.stop()
        assert runs_on(tmp_path) == []

    def test_listens_on_no_network(self, postgres):
        postgres.start()
        assert ask(postgres, "SHOW listen_addresses") == [("",)]

    def test_ends_with_its_starter_and_starts_again_with_its_data(self, postgres, tmp_path):
        starter, url = start_elsewhere("Postgres", tmp_path / "postgres")
        ask(url, "CREATE TABLE kept AS SELECT 1 AS one")
        starter.kill()
        starter.wait()
        assert soon(lambda: runs_on(tmp_path) == [])
        postgres.start()
        assert ask(postgres, "SELECT one FROM kept") == [(1,)]

    def test_starts_after_everything_was_killed(self, tmp_path):
        postgres = Postgres(tmp_path / "postgres")
        postgres.start()
        ask(postgres, "CREATE TABLE kept AS SELECT 1 AS one")
        for pid in runs_on(tmp_path):
            os.kill(pid, signal.SIGKILL)
        assert soon(lambda: runs_on(tmp_path) == [])
        assert _pid_file(postgres._cluster), "a stale pid file is left"
        postgres.stop()
        with postgres:
            assert ask(postgres, "SELECT one FROM kept") == [(1,)]

    def test_starts_when_the_stale_number_belongs_to_another_program(self, postgres):
        postgres.start()
        pid_file = postgres._cluster / "postmaster.pid"
        lines = _pid_file(postgres._cluster)
        postgres.stop()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
        owner = postgres._cluster.stat()
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        postgres.start()
        assert ask(postgres, "SELECT 1") == [(1,)]
        assert pid_of(postgres) != os.getpid()

    def test_stops_an_orphan_on_its_folder(self, postgres):
        postgres.start()
        postgres.stop()
        owner = postgres._account
        command = [str(part) for part in postgres.command(postgres._folder)]
        as_owner = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}
        postgres._sockets.mkdir(exist_ok=True)
        orphan = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, start_new_session=True, **as_owner)
        assert soon(lambda: len(_pid_file(postgres._cluster)) > 7)
        postgres.start()
        assert orphan.wait(5) == 0
        assert pid_of(postgres) != orphan.pid

    def test_refuses_a_folder_in_use(self, postgres, tmp_path):
        postgres.start()
        with pytest.raises(Busy):
            Postgres(tmp_path / "postgres").start()
        assert ask(postgres, "SELECT 1") == [(1,)]

    def test_changes_no_folder_but_its_own(self, postgres, tmp_path):
        before = modes(tmp_path)
        postgres.start()
        assert modes(tmp_path) == before

    def test_works_deep_down_where_a_socket_path_is_too_long(self, tmp_path):
        deep = tmp_path / ("d" * 60) / ("e" * 60)
        deep.mkdir(parents=True)
        with Postgres(deep / "postgres", durable=False) as server:
            assert ask(server, "SELECT 1") == [(1,)]
            folder = Path(unquote(urlsplit(server.url).query.removeprefix("host=")))
        assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
class TestBelowAClosedFolder:
    @pytest.fixture
    def closed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.setattr("launcher.places.ELSEWHERE", elsewhere)
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        return closed

    def test_data_lies_elsewhere_and_stays(self, closed, tmp_path):
        before = modes(closed)
        with Postgres(closed / "postgres", durable=False) as server:
            ask(server, "CREATE TABLE kept AS SELECT 1 AS one")
        with Postgres(closed / "postgres", durable=False) as server:
            assert ask(server, "SELECT one FROM kept") == [(1,)]
        assert modes(closed) == before
        assert (closed / "postgres.elsewhere").read_text().startswith(str(tmp_path / "elsewhere"))


class TestValkey:
    def test_starts_again_on_the_same_address(self, valkey):
        valkey.start()
        client = redis.Redis.from_url(valkey.url)
        client.set("key", "value")
        valkey.stop()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        valkey.start()
        assert client.ping()
        assert client.get("key") is None, "it keeps nothing"

    def test_takes_nobody_without_the_password(self, valkey):
        valkey.start()
        address = urlsplit(valkey.url)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(host=str(address.hostname), port=address.port or 0, retry=None).ping()

    def test_ends_with_its_starter(self, tmp_path):
        starter, url = start_elsewhere("Valkey", tmp_path / "valkey")
        port = urlsplit(url).port or 0
        starter.kill()
        starter.wait()
        assert soon(lambda: runs_on(tmp_path) == [])
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
