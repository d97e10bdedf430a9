"""A room list that is longer than what a page shows at first, at the screen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Room
from messaging.pages.room_list import FIRST
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast, make_members

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def old(cast: Cast) -> Room:
    """Kim's oldest room, with Sato of another company; with more newer ones before it than a page shows."""
    room = open_direct_room(member=cast.kim, other=cast.sato)
    people = make_members(cast.alpha, [f"Colleague {number}" for number in range(FIRST + 5)])
    rooms = [open_direct_room(member=cast.kim, other=person) for person in people]
    send_messages([Draft(one.pk, person.pk, uuid4(), "Hello") for one, person in zip(rooms, people, strict=True)])
    return room


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Message rooms").locator(":scope > li")


def row_of(page: Page, room: Room) -> Locator:
    return page.locator(f"#room-row-{room.pk}")


def test_whoever_comes_near_the_end_of_the_list_has_all_of_it(
    cast: Cast, old: Room, someone: Callable[..., Person]
) -> None:
    page = someone().sign_in(cast.kim.email, "/messages/")
    expect(rows(page)).to_have_count(FIRST)
    rows(page).last.scroll_into_view_if_needed()
    expect(rows(page)).to_have_count(FIRST + 6)
    expect(page.get_by_role("link", name="Show all rooms")).to_have_count(0)
    row_of(page, old).get_by_role("link").click()
    expect(page.get_by_role("log", name="Messages")).to_be_visible()
    # The open room stays in sight. With the keyboard one goes on at the first of the rows that come.
    expect(rows(page)).to_have_count(FIRST + 1)
    expect(row_of(page, old).get_by_role("link")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Show all rooms").focus()
    expect(rows(page)).to_have_count(FIRST + 6)
    expect(rows(page).nth(FIRST).get_by_role("link")).to_be_focused()


def test_what_is_not_shown_is_found_and_comes_to_the_top(cast: Cast, old: Room, someone: Callable[..., Person]) -> None:
    page = someone().sign_in(cast.kim.email, "/messages/")
    expect(row_of(page, old)).to_have_count(0)
    fetched: list[str] = []
    page.on("request", lambda request: "rows=all" in request.url and fetched.append(request.url))
    page.get_by_text("External", exact=True).first.click()
    expect(row_of(page, old)).to_be_visible()
    expect(page.get_by_text("No external rooms")).to_be_hidden()
    expect(page.locator("[data-found]")).to_have_text("1 room")
    assert len(fetched) == 1, "once, although the end of the list comes near with the rows that the filter hides"
    page.get_by_text("All", exact=True).first.click()
    expect(rows(page).nth(FIRST)).to_be_visible()

    page.reload()
    expect(rows(page)).to_have_count(FIRST)
    with ThreadPoolExecutor() as pool:
        pool.submit(_say, cast, old).result()
    expect(rows(page).first).to_contain_text("After a long time", timeout=SLOW)
    expect(rows(page)).to_have_count(FIRST)
    # What is not shown is reckoned with: the page does not think that it missed something.
    assert fetches_after_a_heartbeat(page) == []


def fetches_after_a_heartbeat(page: Page) -> list[str]:
    """The request by which the page fetches its list after a changed revision of the member's rooms."""
    page.wait_for_timeout(500)
    found: list[str] = []
    page.on("request", lambda request: "/messages/list/" in request.url and found.append(request.url))
    # The script that the page has, under the name that it has.
    heads = """() => {
      const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
      const script = fetched.find((name) => /\\/js\\/live\\.[0-9a-f.]*js$/.test(name));
      return import(script).then(({ live }) => new Promise((heard) => {
        live.addEventListener("frame:heads", () => heard(true), { once: true });
        live.heartbeat();
      }));
    }"""
    assert page.evaluate(heads)
    page.wait_for_timeout(800)
    return found


def _say(cast: Cast, room: Room) -> None:
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), "After a long time")])
    connection.close()
