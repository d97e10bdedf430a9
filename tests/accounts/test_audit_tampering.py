"""Changes of the audit log by SQL, with the triggers off, are found and named."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.audit.verifying import verify
from accounts.models import AuditChain, AuditSeal
from tests.audit import at, by_hand
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
FORGED = "INSERT INTO accounts_auditentry (company_id, event, data, created_at) VALUES (%s, 'x.forged', '{}', now())"


def problems_of(company_id: int) -> str:
    return "\n".join(verify(company_id).problems)


def changed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET data = '{\"room\": 99}' WHERE id = %s", at(cast.alpha.pk, 8))
    return "Number 8: the entry was changed"


def backdated(cast: Cast) -> str:
    with by_hand() as sql:
        sql(
            "UPDATE accounts_auditentry SET created_at = created_at - interval '1 microsecond' WHERE id = %s",
            at(cast.alpha.pk, 8),
        )
    return "Number 8: the entry was changed"


def without_actor(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET actor_id = NULL WHERE id = %s", at(cast.alpha.pk, 8))
    return "Number 8: the entry was changed"


def from_elsewhere(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET address = '192.0.2.1' WHERE id = %s", at(cast.alpha.pk, 8))
    return "Number 8: the entry was changed"


def first_changed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET event = 'x.y' WHERE id = %s", at(cast.alpha.pk, 1))
    return "Number 1: the entry was changed"


def removed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditentry WHERE id = %s", at(cast.alpha.pk, 8))
    return "Number 8: the entry was removed, but its seal is still there."


def removed_with_seal(cast: Cast) -> str:
    entries = [at(cast.alpha.pk, 8), at(cast.alpha.pk, 9)]
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = ANY (%s)", entries)
        sql("DELETE FROM accounts_auditentry WHERE id = ANY (%s)", entries)
    return "Numbers 8 to 9: the entry was removed together with its seal."


def removed_and_closed_up(cast: Cast) -> str:
    entry = at(cast.alpha.pk, 8)
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = %s", entry)
        sql("DELETE FROM accounts_auditentry WHERE id = %s", entry)
        sql("UPDATE accounts_auditseal SET number = number - 1 WHERE number > 8 AND company_id = %s", cast.alpha.pk)
        sql("UPDATE accounts_auditchain SET number = number - 1 WHERE company_id = %s", cast.alpha.pk)
    return "The head was changed, or written without the key."


def newest_removed(cast: Cast) -> str:
    number = AuditChain.objects.get(company=cast.alpha).number
    entry = at(cast.alpha.pk, number)
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = %s", entry)
        sql("DELETE FROM accounts_auditentry WHERE id = %s", entry)
    return f"Number {number}: the newest were removed."


def newest_removed_with_the_head(cast: Cast) -> str:
    number = AuditChain.objects.get(company=cast.alpha).number
    entry, before = at(cast.alpha.pk, number), AuditSeal.objects.get(company=cast.alpha, number=number - 1).hash
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = %s", entry)
        sql("DELETE FROM accounts_auditentry WHERE id = %s", entry)
        sql(
            "UPDATE accounts_auditchain SET number = %s, hash = %s WHERE company_id = %s",
            number - 1,
            before,
            cast.alpha.pk,
        )
    return "The head was changed, or written without the key."


def everything_removed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE company_id = %s", cast.alpha.pk)
        sql("DELETE FROM accounts_auditentry WHERE company_id = %s", cast.alpha.pk)
    return "the newest were removed."


def put_in(cast: Cast) -> str:
    with by_hand() as sql:
        sql(
            FORGED,
            cast.alpha.pk,
        )
    return "Added without a seal: entry"


def forged(cast: Cast) -> str:
    """An entry that the triggers themselves have sealed, with an invented key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('worksbridge.audit_key', %s, true)", ["ab" * 128])
        cursor.execute(FORGED, [cast.alpha.pk])
    return "added without the key (entry"


def swapped_seals(cast: Cast) -> str:
    one, other = at(cast.alpha.pk, 8), at(cast.alpha.pk, 10)
    with by_hand() as sql:
        sql("UPDATE accounts_auditseal SET entry_id = -1 WHERE entry_id = %s", one)
        sql("UPDATE accounts_auditseal SET entry_id = %s WHERE entry_id = %s", one, other)
        sql("UPDATE accounts_auditseal SET entry_id = %s WHERE entry_id = -1", other)
    return "Number 8: the order was changed"


def swapped_numbers(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditseal SET number = -1 WHERE number = 8 AND company_id = %s", cast.alpha.pk)
        sql("UPDATE accounts_auditseal SET number = 8 WHERE number = 9 AND company_id = %s", cast.alpha.pk)
        sql("UPDATE accounts_auditseal SET number = 9 WHERE number = -1 AND company_id = %s", cast.alpha.pk)
    return "Number 8: the order was changed"


def swapped_ids(cast: Cast) -> str:
    one, other = at(cast.alpha.pk, 8), at(cast.alpha.pk, 9)
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET id = -1 WHERE id = %s", one)
        sql("UPDATE accounts_auditentry SET id = %s WHERE id = %s", one, other)
        sql("UPDATE accounts_auditentry SET id = %s WHERE id = -1", other)
    return "Number 8: the order was changed"


def seal_changed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditseal SET hash = %s WHERE entry_id = %s", "ab" * 32, at(cast.alpha.pk, 8))
    return "Number 8: the seal was changed"


def newest_seal_changed(cast: Cast) -> str:
    number = AuditChain.objects.get(company=cast.alpha).number
    with by_hand() as sql:
        sql("UPDATE accounts_auditseal SET hash = %s WHERE entry_id = %s", "ab" * 32, at(cast.alpha.pk, number))
    return f"Number {number}: the seal was changed"


def seal_removed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = %s", at(cast.alpha.pk, 8))
    return "Number 8: the seal was removed, but the entry is still there."


def newest_seals_removed(cast: Cast) -> str:
    number = AuditChain.objects.get(company=cast.alpha).number
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE number > %s AND company_id = %s", number - 2, cast.alpha.pk)
    return f"Numbers {number - 1} to {number}: the seal was removed, but the entry is still there."


def head_changed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditchain SET number = number + 1 WHERE company_id = %s", cast.alpha.pk)
    return "The head was changed, or written without the key."


def head_removed(cast: Cast) -> str:
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditchain WHERE company_id = %s", cast.alpha.pk)
    return "The head was removed."


def moved_to_another_company(cast: Cast) -> str:
    with by_hand() as sql:
        sql("UPDATE accounts_auditentry SET company_id = %s WHERE id = %s", cast.gamma.pk, at(cast.alpha.pk, 8))
    return "Number 8: the entry there now comes from another company's log"


TAMPERING = [
    *(changed, backdated, without_actor, from_elsewhere, first_changed),
    *(removed, removed_with_seal, removed_and_closed_up),
    *(newest_removed, newest_removed_with_the_head, everything_removed),
    *(put_in, forged),
    *(swapped_seals, swapped_numbers, swapped_ids, moved_to_another_company),
    *(seal_changed, newest_seal_changed, seal_removed, newest_seals_removed),
    *(head_changed, head_removed),
]


@pytest.mark.parametrize("tamper", TAMPERING)
def test_what_somebody_did_by_sql_is_found_and_named(log: Cast, tamper: Callable[[Cast], str]) -> None:
    expected = tamper(log)
    assert expected in problems_of(log.alpha.pk)
    assert problems_of(log.beta.pk) == ""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", stdout=out)
    assert expected in str(refused.value)
    assert "alpha: " in str(refused.value)
    assert refused.value.returncode == 1
    call_command("verify_audit", company="beta", stdout=out)


def test_one_changed_entry_is_one_problem(log: Cast) -> None:
    for tamper in (changed, removed, removed_with_seal, put_in, seal_changed, seal_removed, head_changed, head_removed):
        with transaction.atomic():
            tamper(log)
            assert len(verify(log.alpha.pk).problems) == 1, tamper
            transaction.set_rollback(True)
