"""A migrated database that test processes copy theirs from: the migrations run once for all, not once for each."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
# Whoever finds such a database on a server of theirs knows what it is; no other is touched.
PREFIX = "worksbridge_tests_migrated_"
# Any number, as long as nobody else takes it: the processes of one run wait for the one that makes the template.
_LOCK = 4_202_611


def migrated_template(url: str) -> str:
    """The name of an up-to-date template on the server of `url`; made, and the outdated ones dropped, when missing."""
    name = PREFIX + _state()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if name not in there:
            for old in (found for found in there if found.startswith(PREFIX)):
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
            _make(connection, url, name)
    return name


def _state() -> str:
    """What the tables follow from: the migrations, and the libraries that bring some of their own."""
    digest = hashlib.sha256()
    for file in sorted(
        [
            *ROOT.glob("*/migrations/*"),
            *ROOT.glob("*/sql/*"),
            ROOT / "requirements.lock",
            ROOT / "worksbridge" / "settings.py",
        ]
    ):
        if file.is_file():
            digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(connection: psycopg.Connection, url: str, name: str) -> None:
    # Under another name until it is whole: whoever is interrupted leaves no half of a template.
    unfinished = PREFIX + "unfinished"
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    address = urlunsplit(urlsplit(url)._replace(path="/" + quote(unfinished)))
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    # The settings want a key; nothing in the tables is made with it.
    subprocess.run(command, cwd=ROOT, env={"SECRET_KEY": "-" * 50} | os.environ | {"DATABASE_URL": address}, check=True)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
    connection.execute(rename)
