"""The audit log in a browser: what was done there is in it, with the address, and it comes down as CSV."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.actions.audit import audit_many
from accounts.models import AuditEntry
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_administrator_reads_searches_and_downloads_the_log(cast: Cast, someone: Callable) -> None:
    kim, admin = someone(), someone()
    page = kim.sign_in_by_form(cast.kim.email)
    page.goto(f"{kim.origin}/contacts/add/?q={cast.sato.handle}")
    page.get_by_role("button", name="Add").click()
    page.get_by_text("is in your External Contacts").wait_for()

    page = admin.sign_in_by_form(cast.admin_alpha.email)
    admin.go("/admin/accounts/auditentry/")
    page.get_by_role("cell", name="Kim Minseo added Sato Yui (beta) to their contacts").wait_for()
    assert AuditEntry.objects.filter(company=cast.alpha, event="contact.added", address="127.0.0.1").count() == 1
    assert page.get_by_role("button", name="Delete").count() == page.get_by_role("combobox").count() == 0

    page.get_by_label("Name, handle or e-mail").fill("@kim-minseo")
    page.get_by_role("button", name="Show").first.click()
    page.get_by_role("cell", name="Kim Minseo signed in").wait_for()
    assert page.get_by_role("cell", name="Admin alpha signed in").count() == 0

    # Longer than one piece, so that it is sent while it is read.
    audit_many(
        [(cast.alpha.pk, "room.edited", {"room": number, "member": cast.kim.pk}) for number in range(1_200)], None
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["event"] == "room.edited" for row in rows) == 1_200
    assert {row["address"] for row in rows if row["event"] == "contact.added"} == {"127.0.0.1"}
    assert not [row for row in rows if row["who"] == "Admin alpha"]
    assert AuditEntry.objects.get(event="audit.exported").data == {"filters": {"person": "@kim-minseo"}}
