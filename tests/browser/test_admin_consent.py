"""Two administrators decide in the admin, and their members' open pages follow within a second."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from federation.actions.switch import set_external_connection
from federation.models import Link
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.browser.conftest import Person
from tests.browser.measuring import BUSY, PROMISED, Effect, Stopwatch
from tests.cast import Cast, make_member
from tests.decisions import set_partner_rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "Add external contact"
ROWS = "#room-rows .room-row__text"


@pytest.fixture
def before(cast: Cast) -> Room:
    """Kim and Sato have written to each other; now alpha's switch is off, and both allow approved partners only."""
    room = open_direct_room(member=cast.kim, other=cast.sato)
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    for company, admin in ((cast.alpha, cast.admin_alpha), (cast.beta, cast.admin_beta)):
        set_partner_rule(company=company, rule="approved", actor=admin)
    return room


def side(admin: Person) -> Page:
    """The External connection page."""
    page = admin.go("/admin/federation/externalpolicy/")
    expect(page.get_by_role("heading", name="External connection", level=1)).to_be_visible()
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def is_open(cast: Cast) -> bool:
    return Link.objects.get(company_a=cast.alpha, company_b=cast.beta).is_open


def test_switch_grant_approve_preview_close_and_undo_are_seen_in_open_pages_at_once(
    cast: Cast, before: Room, someone: Callable[..., Person]
) -> None:
    han = make_member(cast.alpha, "Han Sol")
    watch = Stopwatch()
    pages = {}
    for person, path in (
        (cast.kim, f"/messages/{before.pk}/"),
        (cast.lee, "/contacts/"),
        (han, "/contacts/"),
        (cast.sato, f"/messages/{before.pk}/"),
    ):
        pages[person.pk] = someone()
        pages[person.pk].sign_in(person.email, path)
    kim, lee, sato = (pages[person.pk].page for person in (cast.kim, cast.lee, cast.sato))
    alpha, beta = someone(), someone()
    alpha.sign_in(cast.admin_alpha.email, "/admin/")
    beta.sign_in(cast.admin_beta.email, "/admin/")

    switch_on(alpha, lee, watch)
    choose_two(alpha, [cast.kim, cast.lee], lee, kim, watch)
    expect(pages[han.pk].page.get_by_role("button", name=ADD)).to_have_count(0)
    approve_from_both_sides(cast, alpha, beta, kim, watch)

    kim.get_by_role("button", name="Reconnect").click()
    composer = kim.get_by_role("textbox", name="Message", exact=True)
    expect(composer).to_be_visible()
    group = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    sato = pages[cast.sato.pk].go(f"/messages/{group.pk}/")
    expect(sato.get_by_role("textbox", name="Message", exact=True)).to_be_visible()

    preview(cast, alpha, kim)
    close(alpha, kim, sato, watch)
    assert not is_open(cast)
    undo(alpha, kim, sato, watch)
    assert is_open(cast)

    print(f"\n{watch.told()}")
    assert max(watch.measured.values()) < BUSY, watch.told()
    within = [one for one in watch.measured.values() if one < PROMISED]
    assert len(within) * 2 > len(watch.measured), watch.told()


def switch_on(alpha: Person, lee: Page, watch: Stopwatch) -> None:
    page = side(alpha)
    page.get_by_label("Allow external connection").check()
    watch.click(page, button(page, "Save"), Effect("switched on: a member gets the feature", lee, "button, a", ADD))
    expect(page.get_by_text("Saved.", exact=False)).to_be_visible()


def choose_two(alpha: Person, chosen: list[User], lee: Page, kim: Page, watch: Stopwatch) -> None:
    """Chosen members only: first nobody has it, then the two who are ticked in the list."""
    page = side(alpha)
    page.get_by_label("Chosen members and departments").check()
    button(page, "Save").click()
    expect(page.get_by_text("Removes external connection from 4 members.")).to_be_visible()
    taken = Effect("chosen members only: a member loses it", lee, "button, a", ADD, gone=True)
    watch.click(page, button(page, "Close now"), taken)
    page = alpha.go("/admin/accounts/user/")
    for member in chosen:
        page.get_by_role("row", name=re.compile(member.email)).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label="Allow external connection")
    watch.click(
        page,
        page.get_by_role("button", name="Go"),
        Effect("two are chosen: the second gets it", lee, "button, a", ADD),
        Effect("two are chosen: the first is told", kim, ".bell__count", "5"),
    )
    expect(page.get_by_text("2 are chosen for external connection.")).to_be_visible()


def approve_from_both_sides(cast: Cast, alpha: Person, beta: Person, kim: Page, watch: Stopwatch) -> None:
    page = side(alpha)
    page.get_by_label("Our decision about beta").select_option(label="Allow")
    button(page, "Save").click()
    expect(page.get_by_text("Waiting for them")).to_be_visible()
    assert not is_open(cast)
    expect(kim.get_by_role("button", name="Reconnect")).to_have_count(0)
    page = side(beta)
    page.get_by_label("Our decision about alpha").select_option(label="Allow")
    watch.click(
        page,
        button(page, "Save"),
        Effect("approved by both: a frozen room can reconnect", kim, "#frozen button", "Reconnect"),
    )
    expect(page.get_by_text("Open", exact=True)).to_be_visible()
    assert is_open(cast)


def preview(cast: Cast, alpha: Person, kim: Page) -> None:
    """The page says what will end, and nothing has ended."""
    page = side(alpha)
    page.get_by_label("Our decision about beta").select_option(label="Deny")
    button(page, "Save").click()
    expect(page.get_by_role("heading", name="Close external connection?")).to_be_visible()
    effects = page.get_by_role("main").inner_text()
    assert "1 room" in effects, effects
    assert "1 person" in effects, effects
    assert is_open(cast)
    expect(kim.get_by_role("textbox", name="Message", exact=True)).to_be_visible()


def close(alpha: Person, kim: Page, sato: Page, watch: Stopwatch) -> None:
    page = alpha.page
    watch.click(
        page,
        button(page, "Close now"),
        Effect("closed: the 1:1 room is frozen", kim, "#frozen", "This room is read-only"),
        Effect("closed: the excluded person's list loses the room", sato, ROWS, "Osaka launch", gone=True),
    )
    expect(newest_undo(page)).to_be_visible()


def newest_undo(page: Page) -> Locator:
    """The last closing stands first."""
    return page.get_by_role("button", name="Undo this closing").first


def undo(alpha: Person, kim: Page, sato: Page, watch: Stopwatch) -> None:
    page = alpha.page
    watch.click(
        page,
        newest_undo(page),
        Effect("undone: the 1:1 room can be written to", kim, "#frozen", "This room is read-only", gone=True),
        Effect("undone: the excluded person's list has the room", sato, ROWS, "Osaka launch"),
    )
    expect(kim.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
