"""`manage.py verify_audit`, and what an operator keeps of it outside of the database."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actions.audit import audit
from accounts.audit.verifying import verify
from accounts.models import AuditChain, AuditEntry
from tests.audit import at, by_hand
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def run(**options: object) -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_heads_and_says_that_all_is_well(log: Cast) -> None:
    text = run()
    heads = dict(re.findall(r"^head (\w+) (\d+) [0-9a-f]{64}$", text, re.MULTILINE))
    assert heads == {c.slug: str(c.audit_entries.count()) for c in (log.alpha, log.beta, log.gamma)}
    assert text.endswith(f"{AuditEntry.objects.count()} entries of 3 companies: all as they were written.\n")
    assert "head beta" not in run(company="alpha")
    with pytest.raises(CommandError, match="no company delta"):
        run(company="delta")


def test_a_log_put_back_with_its_old_head_is_found_by_what_was_kept_outside(log: Cast, tmp_path: Path) -> None:
    old = AuditChain.objects.filter(company=log.alpha).values().get()
    audit([log.alpha.pk], log.kim, "room.edited", room=11)
    kept = tmp_path / "heads"
    kept.write_text(run())
    assert run(since=kept)
    entry = at(log.alpha.pk, old["number"] + 1)
    with by_hand() as sql:
        sql("DELETE FROM accounts_auditseal WHERE entry_id = %s", entry)
        sql("DELETE FROM accounts_auditentry WHERE id = %s", entry)
        sql(
            "UPDATE accounts_auditchain SET number = %s, hash = %s, mac = %s WHERE company_id = %s",
            *(old["number"], old["hash"], old["mac"], log.alpha.pk),
        )
    assert run(), "nothing shows in the database alone"
    with pytest.raises(CommandError, match=f"alpha: The log ends before number {old['number'] + 1}"):
        run(since=kept)
    audit([log.alpha.pk], log.kim, "room.edited", room=12)
    with pytest.raises(CommandError, match=f"Number {old['number'] + 1} differs from the head you kept"):
        run(since=kept)


def test_a_file_without_heads_is_refused(log: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(since=tmp_path / "missing")
    (tmp_path / "other").write_text("nothing")
    with pytest.raises(CommandError, match="has no line"):
        run(since=tmp_path / "other")


def test_after_a_change_of_the_key_earlier_entries_verify_with_the_old_one(log: Cast, settings: object) -> None:
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = "another", [settings.AUDIT_KEY]
    audit([log.alpha.pk], log.kim, "room.edited", room=1)
    assert verify(log.alpha.pk).problems == []
    settings.AUDIT_KEY_FALLBACKS = []
    assert "Number 1: the entry was changed" in str(verify(log.alpha.pk).problems)
    assert "Nothing matches the key" in str(verify(log.beta.pk).problems)
