"""The SQL of triggers and their functions: `<app>/sql/<name>.v<number>.sql`.

A file that was released is never changed: the next version is a new file, with `CREATE OR REPLACE`, and a migration
that names it. A test compares the functions in the database with the newest files.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def versioned_sql(app: str, name: str) -> str:
    """The statements of `<app>/sql/<name>.sql`, like `versioned_sql("messaging", "link_closed.v2")`."""
    return (ROOT / app / "sql" / f"{name}.sql").read_text()
