"""The whole way, as three people walk it: an administrator and two employees of two companies."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AT_ONCE, SLOW, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


def write(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def log(page: Page) -> object:
    return page.get_by_role("log", name="Messages")


def switch(admin: Person, allows: bool) -> None:
    page = admin.page
    admin.go("/admin/federation/externalpolicy/")
    page.get_by_label("Allow external connection").set_checked(allows)
    page.get_by_role("button", name="Save", exact=True).click()
    if not allows:
        page.get_by_role("button", name="Close now").click()
    expect(page.get_by_text("Saved. Changes apply immediately.")).to_be_visible()


def test_two_companies_allow_each_other_and_their_people_talk(cast: Cast, someone: Callable[..., Person]) -> None:
    admin, tran, kim = someone(), someone(), someone()
    admin.sign_in_by_form(cast.admin_gamma.email, "/admin/")
    tran.sign_in_by_form(cast.tran.email, "/contacts/")
    kim.sign_in_by_form(cast.kim.email)

    # The feature is not there, with the reason; it appears with the notice, without a reload.
    expect(tran.page.get_by_text("administrator", exact=False).first).to_be_visible()
    expect(tran.page.get_by_role("link", name="Add external contact")).to_have_count(0)
    switch(admin, True)
    notices = tran.page.get_by_role("region", name="Notifications")
    expect(notices.get_by_text("External connection", exact=False).first).to_be_visible(timeout=SLOW)
    add = tran.page.get_by_role("link", name="Add external contact").or_(
        tran.page.get_by_role("button", name="Add external contact")
    )
    expect(add.first).to_be_visible(timeout=SLOW)

    # Adds a person of another company by e-mail, and writes.
    add.first.click()
    tran.page.get_by_label("Handle or e-mail").fill(cast.kim.email)
    tran.page.get_by_role("button", name="Find", exact=True).click()
    expect(tran.page.get_by_text(cast.kim.name).first).to_be_visible()
    tran.page.get_by_role("button", name="Add", exact=True).click()
    expect(tran.page.get_by_role("button", name="Message", exact=True).first).to_be_visible()
    tran.page.get_by_role("button", name="Message", exact=True).first.click()
    tran.page.wait_for_url("**/messages/*/")
    write(tran.page, "Hello from **gamma**")
    expect(log(tran.page).get_by_text("Hello from gamma")).to_be_visible()

    # The other sees it at once, without a reload, and answers.
    rooms = kim.page.get_by_role("list", name="Message rooms")
    row = rooms.get_by_role("listitem").filter(has_text=cast.tran.name)
    expect(row).to_be_visible(timeout=SLOW)
    expect(row.get_by_text("External")).to_have_count(1)
    row.get_by_role("link").click()
    expect(log(kim.page).get_by_text("Hello from gamma")).to_be_visible()
    expect(kim.page.get_by_role("button", name="Add to contacts")).to_be_visible()
    write(kim.page, "안녕하세요 from alpha")
    expect(log(tran.page).get_by_text("안녕하세요 from alpha")).to_be_visible(timeout=AT_ONCE)

    # Edits the contact's name and sees it everywhere.
    tran.go("/contacts/").get_by_role("button", name=re.compile("^More ")).first.click()
    tran.page.get_by_role("link", name="Edit", exact=True).click()
    tran.page.get_by_label("Name", exact=True).fill("Kim of the docks")
    tran.page.get_by_role("button", name="Save", exact=True).click()
    expect(tran.page.get_by_text("Kim of the docks").first).to_be_visible()
    tran.go("/messages/").get_by_role("list", name="Message rooms").get_by_text("Kim of the docks").click()
    expect(tran.page.get_by_role("heading", name="Kim of the docks")).to_be_visible()
    expect(log(tran.page).get_by_text("Kim of the docks").first).to_be_visible()

    # Blocks: nothing more arrives. Unblocks: it does again.
    tran.go("/contacts/").get_by_role("button", name="More Kim of the docks").click()
    tran.page.get_by_role("button", name="Block", exact=True).click()
    question = tran.page.get_by_role("dialog", name="Block Kim of the docks?")
    expect(question).to_contain_text("Administrators of your company can see in their audit log")
    question.get_by_role("button", name="Block", exact=True).click()
    expect(tran.page.get_by_role("listitem").filter(has_text="Kim of the docks")).to_contain_text("Blocked")
    expect(tran.page.get_by_role("button", name="Unblock", exact=True).first).to_be_visible()
    write(kim.page, "Into the void")
    expect(log(kim.page).get_by_text("Into the void")).to_be_visible()
    tran.go("/messages/").get_by_role("list", name="Message rooms").get_by_text("Kim of the docks").click()
    expect(log(tran.page).get_by_text("안녕하세요 from alpha")).to_be_visible()
    expect(log(tran.page).get_by_text("Into the void")).to_have_count(0)
    tran.go("/contacts/blocked/").get_by_role("button", name="Unblock", exact=True).click()
    expect(tran.page.get_by_role("button", name="Unblock", exact=True)).to_have_count(0)
    tran.go("/messages/").get_by_role("list", name="Message rooms").get_by_text("Kim of the docks").click()
    write(kim.page, "Back again")
    expect(log(tran.page).get_by_text("Back again")).to_be_visible(timeout=AT_ONCE)
    expect(log(tran.page).get_by_text("Into the void")).to_have_count(0)

    # The administrator switches off: both rooms are frozen at once, with the reason.
    switch(admin, False)
    for person in (kim, tran):
        expect(person.page.get_by_label("Message", exact=True)).to_have_count(0, timeout=AT_ONCE)
        expect(
            person.page.get_by_text("not allowed", exact=False)
            .or_(person.page.get_by_text("turned", exact=False))
            .first
        ).to_be_visible()
    expect(kim.page.get_by_role("button", name="Reconnect")).to_have_count(0)
    switch(admin, True)
    expect(kim.page.get_by_role("button", name="Reconnect")).to_be_visible(timeout=AT_ONCE)
    kim.page.get_by_role("button", name="Reconnect").click()
    expect(kim.page.get_by_label("Message", exact=True)).to_be_visible()
    expect(tran.page.get_by_label("Message", exact=True)).to_be_visible(timeout=AT_ONCE)
