"""What administrators do that takes long: ten thousand members from a file, and the preview of a closing."""

import time

from accounts.actions.importing import import_members
from accounts.importing.checking import check_rows
from accounts.importing.parsing import read_table
from accounts.models import User
from federation.actions.switch import set_external_connection
from tests.benchmarks.measure import measure
from tests.cast import Cast, make_company
from tests.decisions import dry_run

MANY = 10_000


def administration(cast: Cast) -> None:
    """The import beside bare inserts of the same accounts, and the preview beside what it is a preview of."""
    _importing()
    _previewing(cast)


def _importing() -> None:
    bare = make_company("bare")
    accounts = [
        User(company=bare, email=f"p{n}@bare.example", handle=f"bare{n}", name=f"Person {n}", password="!")
        for n in range(MANY)
    ]
    started = time.perf_counter()
    User.objects.bulk_create(accounts, batch_size=1000)
    base = time.perf_counter() - started
    print(f"{'baseline: insert 10,000 accounts':<58} {base * 1000:9.1f} ms")
    company = make_company("imported")
    set_external_connection(company=company, allows=True, actor=None)
    parts = [f"Person {n},p{n}@imported.example,Part {n % 40} / Team {n % 400}" for n in range(MANY)]
    text = "name,email,department\n" + "\n".join(parts)
    measure("read and check a file of 10,000", lambda: check_rows(company, read_table(text).rows))
    started = time.perf_counter()
    import_members(company=company, text=text, actor=None, invite=True)
    took = time.perf_counter() - started
    print(f"{'import 10,000 members, granted, invited and audited':<58} {took * 1000:9.1f} ms")
    print(f"  {took / base:.1f} times the bare inserts\n")


def _previewing(cast: Cast) -> None:
    def close() -> None:
        set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)

    measure("preview of closing alpha", lambda: dry_run(close))
