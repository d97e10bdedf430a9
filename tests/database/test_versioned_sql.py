"""What the database does is what the newest files in `<app>/sql/` say."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from worksbridge.ui.management.commands.migrate import TIMEOUTS

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "calls", "contacts", "federation", "messaging")
FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s")
MINE = r"^(accounts|calls|contacts|federation|messaging)_"


def version(file: Path) -> int:
    return int(file.name.split(".v")[1].removesuffix(".sql"))


def newest() -> dict[str, str]:
    """The body of each function, from the file with the highest version that has it."""
    files = sorted((file for app in APPS for file in (ROOT / app / "sql").glob("*.sql")), key=version)
    return {name: body for file in files for name, body in FUNCTION.findall(file.read_text())}


@pytest.mark.django_db
def test_the_functions_in_the_database_are_the_newest_files() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname ~ %s", [MINE])
        there = dict(cursor.fetchall())
    assert there == newest()
    assert len(there) > 20


@pytest.mark.django_db
def test_every_trigger_in_the_database_is_in_a_file() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname ~ %s", [MINE])
        there = {row[0] for row in cursor.fetchall()}
    files = [file.read_text() for app in APPS for file in (ROOT / app / "sql").glob("*.sql")]
    written = {name for text in files for name in TRIGGER.findall(text)}
    assert there
    assert there <= written


@pytest.mark.django_db(transaction=True)
def test_a_migration_does_not_wait_for_a_lock_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def migrate(self: object, *args: object, **options: object) -> None:
        with connection.cursor() as cursor:
            for name in TIMEOUTS:
                cursor.execute(f"SHOW {name}")
                seen.append(cursor.fetchone()[0])

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", migrate)
    call_command("migrate", verbosity=0)
    assert seen == list(TIMEOUTS.values())
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
