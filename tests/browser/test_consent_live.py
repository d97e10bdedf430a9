"""What an open page shows when a decision is made elsewhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from contacts.actions.add import add_external_contact
from messaging.actions.groups import create_group_room
from tests.browser.conftest import AT_ONCE, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def off(someone: Callable[..., Person], cast: Cast) -> None:
    """beta's administrator switches external connection off."""
    admin = someone()
    admin.sign_in(cast.admin_beta.email, "/admin/")
    page = admin.go("/admin/federation/externalpolicy/")
    page.get_by_label("Allow external connection").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Close now").click()


def test_an_excluded_person_loses_the_open_room_and_the_others_read_why(
    cast: Cast, someone: Callable[..., Person]
) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    kim, sato = someone(), someone()
    kim.sign_in(cast.kim.email, f"/messages/{room.pk}/")
    sato.sign_in(cast.sato.email, f"/messages/{room.pk}/")
    off(someone, cast)
    expect(sato.page.get_by_role("list", name="Message rooms").get_by_text("Osaka launch")).to_have_count(
        0, timeout=AT_ONCE
    )
    expect(sato.page.get_by_role("textbox", name="Message", exact=True)).to_have_count(0, timeout=AT_ONCE)
    expect(
        kim.page.get_by_role("log", name="Messages").get_by_text(re.compile("Sato Yui.*was excluded"))
    ).to_be_visible(timeout=AT_ONCE)


def test_a_contact_greys_and_the_features_go_without_a_reload(cast: Cast, someone: Callable[..., Person]) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    kim, ito = someone(), someone()
    kim.sign_in(cast.kim.email, "/contacts/")
    ito.sign_in(cast.ito.email, "/contacts/")
    expect(ito.page.get_by_role("button", name="Add external contact")).to_be_visible()
    off(someone, cast)
    expect(ito.page.get_by_role("button", name="Add external contact")).to_have_count(0, timeout=AT_ONCE)
    expect(ito.page.get_by_text("Your administrator has not allowed", exact=False)).to_be_visible()
    expect(kim.page.get_by_text("other company has not allowed", exact=False)).to_be_visible(timeout=AT_ONCE)


def test_the_notice_is_live_and_in_the_list(cast: Cast, someone: Callable[..., Person]) -> None:
    tran, admin = someone(), someone()
    tran.sign_in(cast.tran.email)
    admin.sign_in(cast.admin_gamma.email, "/admin/")
    page = admin.go("/admin/federation/externalpolicy/")
    page.get_by_label("Allow external connection").check()
    page.get_by_role("button", name="Save", exact=True).click()
    notices = tran.page.get_by_role("region", name="Notifications")
    expect(notices.get_by_text("External connection is now available", exact=False)).to_be_visible(timeout=AT_ONCE)
    expect(tran.page.get_by_role("link", name="Notifications")).to_contain_text("1")
    tran.go("/notifications/")
    expect(tran.page.get_by_text("External connection is now available", exact=False).first).to_be_visible()
