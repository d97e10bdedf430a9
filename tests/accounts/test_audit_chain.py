"""The audit log's chain: every entry has its place in it, and the database refuses every change."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.actions.audit import audit, audit_many
from accounts.audit.key import key_for_database
from accounts.audit.verifying import verify
from accounts.models import AuditChain, AuditEntry, AuditSeal
from tests.cast import Cast
from tests.depth import depth

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = ("accounts_auditentry", "accounts_auditseal", "accounts_auditchain")


def numbers_of(company_id: int) -> list[int]:
    return list(AuditSeal.objects.filter(company=company_id).order_by("number").values_list("number", flat=True))


# What the product writes


def test_every_entry_is_sealed_at_the_commit_and_the_log_verifies(log: Cast) -> None:
    for company in (log.alpha, log.beta, log.gamma):
        assert numbers_of(company.pk) == list(range(1, company.audit_entries.count() + 1))
        report = verify(company.pk)
        assert (report.problems, report.number) == ([], company.audit_entries.count())
        head = AuditChain.objects.get(company=company)
        assert (head.number, head.hash) == (report.number, report.hash)


def test_an_entry_of_any_content_has_the_same_hash_in_sql_and_in_python(cast: Cast) -> None:
    text = "".join(chr(code) for code in (*range(1, 0x250), 0x2028, 0xFEFF, 0xAC00, 0x1F600))
    audit([cast.alpha.pk], None, "room.edited", text=text, number=1.50, big=10**30, none=None, deep=[{"a": [True]}])
    assert verify(cast.alpha.pk).problems == []


def test_writing_is_one_query_for_any_number_of_entries(cast: Cast, django_assert_num_queries: Callable) -> None:
    with django_assert_num_queries(1):
        audit([cast.alpha.pk, cast.beta.pk, cast.alpha.pk], cast.kim, "room.edited", room=1)
    with django_assert_num_queries(1):
        audit_many([(cast.alpha.pk, "room.edited", {"room": n}) for n in range(50)], cast.kim)
    with django_assert_num_queries(0):
        audit([], cast.kim, "room.edited")
    assert AuditEntry.objects.filter(event="room.edited", data__room=1).count() == 2 + 1


def test_what_is_rolled_back_was_never_in_the_log(log: Cast) -> None:
    before = numbers_of(log.alpha.pk)
    with transaction.atomic():
        audit([log.alpha.pk], log.kim, "room.edited", room=1)
        transaction.set_rollback(True)
    with transaction.atomic():
        audit([log.alpha.pk], log.kim, "room.edited", room=2)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            audit([log.alpha.pk], log.kim, "room.edited", room=3)
            raise ZeroDivisionError
    assert numbers_of(log.alpha.pk) == [*before, len(before) + 1]
    assert verify(log.alpha.pk).problems == []


def test_thousands_of_entries_in_one_transaction_take_a_moment(cast: Cast) -> None:
    many = depth(test=2_000, soak=10_000)
    rows = [(cast.alpha.pk, "member.created", {"member": n, "after": {"name": "Kim Minseo"}}) for n in range(many)]
    began = time.monotonic()
    with transaction.atomic():
        audit_many(rows, cast.admin_alpha)
    took = time.monotonic() - began
    print(f"{many} entries written and sealed in {took:.2f} s")
    assert took < 10
    began = time.monotonic()
    assert verify(cast.alpha.pk).problems == []
    print(f"and verified in {time.monotonic() - began:.2f} s")


# Concurrent writers


def in_threads(*work: Callable[[], None]) -> None:
    """Do all of it at once; raises what one of them raised."""
    failed: list[BaseException] = []

    def run(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001  (it is raised below)
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[function]) for function in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]


def test_two_that_write_into_the_same_logs_in_opposite_order_do_not_wait_in_a_circle(cast: Cast) -> None:
    both_have_written = threading.Barrier(2, timeout=20)

    def write(companies: list[int]) -> None:
        for _ in range(20):
            with transaction.atomic():
                for company in companies:
                    audit([company], None, "room.edited", room=1)
                # Nothing is locked until the commit: the other one gets as far as this.
                both_have_written.wait()

    ids = [cast.alpha.pk, cast.beta.pk, cast.gamma.pk]
    in_threads(lambda: write(ids), lambda: write(ids[::-1]))
    for company in ids:
        assert AuditEntry.objects.filter(company=company, event="room.edited").count() == 40
        assert verify(company).problems == []


def test_a_chain_written_by_many_at_once_has_no_gap_and_verifies_meanwhile(cast: Cast) -> None:
    found: list[str] = []

    def write() -> None:
        for number in range(25):
            audit([cast.beta.pk, cast.alpha.pk], cast.kim, "room.edited", room=number)

    def check() -> None:
        for _ in range(5):
            found.extend(verify(cast.alpha.pk).problems)

    in_threads(write, write, write, check)
    for company in (cast.alpha, cast.beta):
        assert numbers_of(company.pk) == list(range(1, company.audit_entries.count() + 1))
        assert verify(company.pk).problems == found == []


# What the database refuses


REFUSED = [
    "UPDATE accounts_auditentry SET event = 'x'",
    "UPDATE accounts_auditentry SET event = 'x' WHERE false",
    "DELETE FROM accounts_auditentry",
    "TRUNCATE accounts_auditentry CASCADE",
    "UPDATE accounts_auditseal SET hash = 'x'",
    "DELETE FROM accounts_auditseal",
    "TRUNCATE accounts_auditseal",
    "UPDATE accounts_auditchain SET number = number + 1",
    "UPDATE accounts_auditchain SET hash = hash",
    "DELETE FROM accounts_auditchain",
    "TRUNCATE accounts_auditchain",
    "INSERT INTO accounts_auditentry (company_id, event, data, created_at) SELECT 1, 'x', '{}', now()",
    "INSERT INTO accounts_auditseal (entry_id, company_id, number, hash) VALUES (1, 1, 99, 'x')",
    "INSERT INTO accounts_auditchain (company_id, number, hash, mac) VALUES (1, 1, '', '')",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_the_database_refuses_what_would_change_the_log(log: Cast, sql: str) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (AuditEntry, AuditSeal, AuditChain)]
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            # As in production: only the tests' own database lets itself be emptied.
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(sql)
    assert refused.value.__cause__.sqlstate == "WB003"
    assert [list(model.objects.order_by("pk").values()) for model in (AuditEntry, AuditSeal, AuditChain)] == before


def test_the_orm_cannot_write_entries_past_the_action(log: Cast) -> None:
    with pytest.raises(DatabaseError, match="written by the product alone"):
        AuditEntry.objects.create(company=log.alpha, event="x")


def test_an_entry_that_claims_another_transaction_is_refused(log: Cast) -> None:
    with pytest.raises(DatabaseError, match="written by the product alone"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditentry (company_id, event, data, created_at, transaction)"
            " SELECT %s, 'x', '{}', now(), 7 WHERE set_config('worksbridge.audit_key', %s, true) <> ''",
            [log.alpha.pk, key_for_database()],
        )
