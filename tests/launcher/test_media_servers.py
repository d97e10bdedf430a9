"""coturn and Janus of the launcher: in a network of their own, gone with their starter."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launcher.watching import runs_on, soon

ROOT = Path(__file__).resolve().parents[2]
EXEC = [sys.executable, "-m", "launcher", "exec", "--test", "--media", "--"]
INSIDE = """
import json, socket
from launcher import namespace
namespace.enter()
def tries(address):
    with socket.socket() as probe:
        probe.settimeout(1)
        try:
            probe.connect((address, 9))
        except OSError as error:
            return type(error).__name__
names = [name for _, name in socket.if_nameindex()]
print(json.dumps([names, *map(tries, ["127.0.0.1", namespace.ADDRESS, "192.0.2.1"])]))
"""
SERVERS = """
import sys, time
from pathlib import Path
from launcher import media, namespace
from launcher.coturn import Coturn
from launcher.janus import Janus
programs = media.find_or_fetch()
namespace.enter()
folder = Path(sys.argv[1])
with (
    Coturn(programs.turnserver, folder / "coturn", namespace.ADDRESS) as coturn,
    Janus(programs.janus, folder / "janus", namespace.ADDRESS) as janus,
):
    print(coturn.env["TURN_PID"], flush=True)
    time.sleep(600)
"""


@pytest.mark.media
def test_network_has_loopback_and_one_address_and_no_way_out():
    done = subprocess.run([sys.executable, "-c", INSIDE], cwd=ROOT, capture_output=True, text=True, check=True)
    names = '["lo", "media1", "media0"]'
    assert done.stdout.strip() == f'[{names}, "ConnectionRefusedError", "ConnectionRefusedError", "TimeoutError"]'


@pytest.mark.media
class TestServers:
    @pytest.fixture
    def starter(self, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
        """A process that has started both; it says the number of coturn's."""
        command = [sys.executable, "-c", SERVERS, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, process_group=0) as process:
            yield process
            process.kill()

    @staticmethod
    def coturn(starter: subprocess.Popen[str]) -> int:
        assert starter.stdout
        return int(starter.stdout.readline())

    def test_end_with_their_starter(self, starter, tmp_path):
        assert self.coturn(starter) in runs_on(tmp_path)
        starter.kill()
        assert soon(lambda: runs_on(tmp_path) == [])

    def test_end_with_their_starter_also_when_halted(self, starter, tmp_path):
        os.kill(self.coturn(starter), signal.SIGSTOP)
        starter.kill()
        assert soon(lambda: runs_on(tmp_path) == [])

    def test_keep_their_secrets_in_files_of_their_own(self, starter, tmp_path):
        self.coturn(starter)
        files = [*tmp_path.glob("*/*.conf"), *tmp_path.glob("*/*.jcfg")]
        assert len(files) == 5
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


class TestCommand:
    def test_runs_all_the_same_without_them_and_is_told_why(self):
        show = ["sh", "-c", 'echo "$MEDIA_ERROR"; echo "${TURN_URLS-none}"']
        env = {**os.environ, "TURNSERVER": "/nowhere/turnserver"}
        for name in ("TURN_URLS", "TURN_PID"):
            env.pop(name, None)
        done = subprocess.run([*EXEC, *show], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        said = done.stdout.splitlines()
        assert "apt-get install coturn" in said[0]
        assert said[1] == "none"

    @pytest.mark.media
    def test_has_all_in_one_network(self):
        ask = "import os, redis, socket, psycopg; redis.Redis.from_url(os.environ['REDIS_URL']).ping();"
        ask += "psycopg.connect(os.environ['DATABASE_URL']).close();"
        ask += "[socket.create_connection(('127.0.0.1', port)).close() for port in (8188, 7088)];"
        ask += "socket.create_connection(('10.77.0.1', 3478)).close(); print('all', os.environ['TURN_URLS'])"
        env = {**os.environ, "REDIS_URL": "redis://192.0.2.1"}
        done = subprocess.run(
            [*EXEC, sys.executable, "-c", ask], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert done.stdout.startswith("all turn:10.77.0.1:3478"), done.stderr
