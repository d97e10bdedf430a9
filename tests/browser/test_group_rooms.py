"""An External Group room of three companies, as its Master, its members and an administrator live with it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from contacts.actions.add import add_external_contact
from federation.actions.switch import set_external_connection
from messaging.models import Membership, Room
from tests.browser.conftest import AT_ONCE, Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture
def friends(cast: Cast) -> Cast:
    """All three companies have allowed each other; Kim knows people of both others."""
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    for person in (cast.sato, cast.ito, cast.tran):
        add_external_contact(member=cast.kim, person=person)
    return cast


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def rooms(page: Page) -> Locator:
    return page.get_by_role("list", name="Message rooms")


def write(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def choose(dialog: Locator, source: str, *people: User) -> None:
    """Tick people of one list of the chooser, found by search."""
    dialog.get_by_role("button", name=source, exact=True).click()
    for person in people:
        dialog.get_by_role("searchbox").fill(person.name)
        dialog.get_by_role("checkbox", name=re.compile(person.name)).check()


def open_details(page: Page) -> Locator:
    """The details panel; once opened on a wide screen it stays open."""
    toggle = page.get_by_role("link", name="Details", exact=True)
    # The page says so once its scripts have run.
    expect(toggle).to_have_attribute("aria-expanded", re.compile("true|false"))
    if toggle.get_attribute("aria-expanded") != "true":
        toggle.click()
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name=re.compile("Members"))).to_be_visible()
    return details


def act_on(page: Page, person: User, verb: str) -> None:
    """Choose something in the menu of a member's row, and say yes when the page asks."""
    row = open_details(page).get_by_role("listitem").filter(has_text=person.name)
    row.get_by_role("button", name=re.compile("^More")).click()
    row.get_by_role("button", name=verb, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()


def test_three_companies_under_a_master_and_an_administrator_who_withdraws(
    friends: Cast, someone: Callable[..., Person]
) -> None:
    kim, lee, sato, tran = (someone() for _ in range(4))
    for person, member in ((kim, friends.kim), (lee, friends.lee), (sato, friends.sato), (tran, friends.tran)):
        person.sign_in(member.email)

    # The Master creates: colleagues and external users, ticks survive search and change of list.
    page = kim.page
    page.get_by_role("button", name="New", exact=True).click()
    dialog = page.get_by_role("dialog", name="New message")
    choose(dialog, "Company Members", friends.lee)
    choose(dialog, "External Users", friends.sato, friends.ito)
    dialog.get_by_role("button", name="OK", exact=True).click()
    dialog = page.get_by_role("dialog", name="New External Group room")
    dialog.get_by_label("Room name").fill("오사카 出荷")
    dialog.get_by_label("Description").fill("December launch")
    expect(dialog.get_by_text("beta").first).to_be_visible()
    dialog.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url("**/messages/*/")
    room = Room.objects.get(kind="group")
    expect(page.get_by_role("heading", level=1)).to_contain_text("오사카 出荷")
    expect(page.get_by_text("People at beta can read this")).to_be_visible()

    # It appears in everyone's open page, marked as external.
    row = rooms(sato.page).get_by_role("listitem").filter(has_text="오사카 出荷")
    expect(row).to_be_visible(timeout=AT_ONCE)
    expect(row.get_by_text("External", exact=True)).to_be_attached()
    for person in (lee, sato):
        person.go(f"/messages/{room.pk}/")
    write(kim.page, "Welcome, everyone")
    expect(log(sato.page).get_by_text("Welcome, everyone")).to_be_visible(timeout=AT_ONCE)

    # Adds a third company, live in every open page.
    details = open_details(page)
    details.get_by_role("button", name="Add member").or_(details.get_by_role("link", name="Add member")).first.click()
    chooser = page.get_by_role("dialog", name="Add members")
    choose(chooser, "External Users", friends.tran)
    chooser.get_by_role("button", name="OK", exact=True).click()
    expect(log(sato.page).get_by_text(re.compile("added Tran Nam"))).to_be_visible(timeout=AT_ONCE)
    expect(sato.page.get_by_text("People at alpha and gamma can read this")).to_be_visible(timeout=AT_ONCE)
    tran.go(f"/messages/{room.pk}/")
    expect(log(tran.page).get_by_text("Welcome, everyone")).to_have_count(0)

    # Removes: the person's open page loses the room.
    ito = someone()
    ito.sign_in(friends.ito.email, f"/messages/{room.pk}/")
    act_on(page, friends.ito, "Remove")
    expect(ito.page.get_by_text("You are no longer in this room")).to_be_visible(timeout=AT_ONCE)
    expect(rooms(ito.page).get_by_text("오사카 出荷")).to_have_count(0, timeout=AT_ONCE)

    # Hands over: the controls move with it.
    act_on(page, friends.lee, "Transfer Group Master role")
    expect(log(lee.page).get_by_text(re.compile("transferred the Group Master role to Lee Jiho"))).to_be_visible(
        timeout=AT_ONCE
    )
    details = open_details(page)
    expect(details.get_by_text("Add member")).to_have_count(0)
    details = open_details(lee.page)
    expect(details.get_by_text("Add member").first).to_be_visible()

    # An administrator withdraws one member's grant while the member's page shows the room.
    withdraw(someone(), friends.admin_beta, friends.sato)
    expect(sato.page.get_by_text("You are no longer in this room")).to_be_visible(timeout=AT_ONCE)
    expect(sato.page.get_by_role("textbox", name="Message", exact=True)).to_have_count(0)
    expect(log(kim.page).get_by_text(re.compile("Sato Yui .*was excluded"))).to_be_visible(timeout=AT_ONCE)
    expect(rooms(sato.page).get_by_text("오사카 出荷")).to_have_count(0, timeout=AT_ONCE)
    write(tran.page, "After Sato")
    expect(log(kim.page).get_by_text("After Sato")).to_be_visible(timeout=AT_ONCE)
    expect(sato.page.get_by_text("After Sato")).to_have_count(0)
    for path in ("", "timeline", "changes?after=0", "details/", "members/", "photo", "header/", "foot/"):
        assert sato.context.request.get(f"{sato.origin}/messages/{room.pk}/{path}").status == 404
    found = sato.context.request.get(f"{sato.origin}/messages/list/?q=오사카").text()
    assert "오사카" not in found.split("data-rows")[-1]


def withdraw(admin: Person, administrator: User, member: User) -> None:
    """In the admin: only chosen members may use external connection, and this one is not among them."""
    admin.sign_in(administrator.email, "/admin/")
    page = admin.go("/admin/accounts/user/")
    for other in User.objects.filter(company=member.company_id).exclude(pk=member.pk):
        page.locator(f'input.action-select[value="{other.pk}"]').check()
    page.get_by_role("combobox", name=re.compile("Action")).select_option(label="Allow external connection")
    page.get_by_role("button", name=re.compile("^(Go|Run)")).click()
    page = admin.go("/admin/federation/externalpolicy/")
    page.get_by_label("Chosen members and departments").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Close now").click()
    expect(page.get_by_text("Saved. Changes apply immediately.")).to_be_visible()


def test_existing_rooms_with_the_same_people_are_offered(friends: Cast, someone: Callable[..., Person]) -> None:
    kim = someone()
    page = kim.sign_in(friends.kim.email)
    for expected in ("Create", "Create New Message Room"):
        page.get_by_role("button", name="New", exact=True).click()
        dialog = page.get_by_role("dialog", name="New message")
        choose(dialog, "Company Members", friends.lee)
        choose(dialog, "External Users", friends.sato)
        dialog.get_by_role("button", name="OK", exact=True).click()
        button = page.get_by_role("dialog").get_by_role("button", name=expected, exact=True)
        expect(button).to_be_visible()
        if expected == "Create":
            page.get_by_label("Room name").fill("First")
            button.click()
            page.wait_for_url("**/messages/*/")
    expect(page.get_by_role("heading", name="Participating message rooms")).to_be_visible()
    page.get_by_role("link", name=re.compile("Open")).first.click()
    page.wait_for_url("**/messages/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("First")


def test_the_flow_on_a_phone_and_without_scripts(friends: Cast, someone: Callable[..., Person]) -> None:
    phone = someone(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = phone.sign_in(friends.kim.email)
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("Lee Jiho")).check()
    page.get_by_role("button", name="External Users", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("Sato Yui")).check()
    page.get_by_role("button", name="OK", exact=True).click()
    page.get_by_label("Room name").fill("No scripts")
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url("**/messages/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No scripts")
    assert Membership.objects.filter(room__name="No scripts", ended_at=None).count() == 3
    page.get_by_role("link", name="Details", exact=True).click()
    expect(page.get_by_text("Group Master").first).to_be_visible()


def test_a_tick_made_while_the_other_list_is_on_its_way_stays(friends: Cast, someone: Callable[..., Person]) -> None:
    page = someone().sign_in(friends.kim.email)
    page.get_by_role("button", name="New", exact=True).click()
    dialog = page.get_by_role("dialog", name="New message")
    box = dialog.get_by_role("checkbox", name=re.compile("Lee Jiho"))
    expect(box).to_be_visible()
    other = dialog.get_by_role("button", name="External Users", exact=True).element_handle()
    # Both within one turn of the page, so that no answer can come in between.
    box.evaluate("(box, other) => { other.click(); box.click(); }", other)
    expect(dialog.get_by_role("checkbox", name=re.compile("Sato Yui"))).to_be_visible()
    chips = dialog.get_by_role("list", name="Chosen people").get_by_role("listitem")
    expect(chips).to_have_text(re.compile("Lee Jiho"))
