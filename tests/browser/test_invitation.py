"""Invited members choose a password in a browser, which sends a form's origin, as no test client does."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from accounts.actions.invitations import invitation_token
from accounts.actions.members import create_member
from tests.browser.conftest import Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_invited_member_chooses_a_password_and_is_in(cast: Cast, someone: Callable[..., Person]) -> None:
    member = create_member(
        company=cast.alpha, email="new@alpha.example", name="New", actor=cast.admin_alpha, invite=True
    )
    member.refresh_from_db()
    person = someone()
    page = person.go(f"/invitation/{invitation_token(member)}/")
    for label, password in (("New password", "short"), ("New password", "a very good one 7")):
        page.get_by_label(label, exact=True).fill(password)
        page.get_by_label("confirmation").fill(password)
        page.get_by_role("button", name="Save and sign in").click()
        if password == "short":
            expect(page.get_by_role("alert").first).to_contain_text("too short")
    page.wait_for_url(f"{person.origin}/messages/")
    member.refresh_from_db()
    assert member.invited_at is None
