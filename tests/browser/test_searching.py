"""Searching at the screen: a Korean word typed, a message found, and the conversation around it."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from messaging.actions.rooms import open_direct_room
from messaging.models import Message, Room, SearchEntry
from tests.browser.accessibility import grave_faults
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast, say_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ("color-contrast", "link-name", "list", "listitem", "aria-allowed-attr", "scrollable-region-focusable")


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def shown(page: Page) -> list[int]:
    return log(page).locator("[data-seq]").evaluate_all("all => all.map(one => Number(one.dataset.seq))")


@pytest.fixture
def room(cast: Cast) -> Room:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    say_all(room, cast.sato, *(f"Number {n}." for n in range(1, 81)))
    say_all(room, cast.sato, "내일 서울에서 만나요")
    say_all(room, cast.sato, *(f"Number {n}." for n in range(82, 201)))
    return room


def find(page: Page, word: str) -> Locator:
    """Type a word as with an input method: nothing is asked for before it is there."""
    asked: list[str] = []
    page.on("request", lambda request: "/messages/search/" in request.url and asked.append(request.url))
    field = page.get_by_role("searchbox", name="Find rooms, people, messages")
    field.click()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": word, "selectionStart": len(word), "selectionEnd": len(word)})
    page.wait_for_timeout(900)
    assert asked == []
    devtools.send("Input.insertText", {"text": word})
    return page.get_by_role("region", name="Messages").get_by_role("listitem")


def test_a_korean_word_is_found_and_leads_to_its_place(cast: Cast, room: Room, someone: Callable[..., Person]) -> None:
    kim, sato, ito = someone(), someone(), someone()
    page = kim.sign_in(cast.kim.email)
    hits = find(page, "서울")
    expect(hits).to_have_count(1, timeout=SLOW)
    expect(hits.locator("mark")).to_have_text("서울")
    expect(hits).to_contain_text("Sato Yui")
    assert grave_faults(page, *RULES) == []
    hits.get_by_role("link").click()
    found = log(page).locator('[data-seq="81"]')
    expect(found).to_be_in_viewport()
    expect(found).to_be_focused()
    expect(page.get_by_role("region", name="Messages").get_by_role("listitem")).to_have_count(1)
    assert grave_faults(page, *RULES) == []

    # What comes meanwhile is counted and makes no gap; reading on reaches it, in order.
    other = sato.sign_in(cast.sato.email, f"/messages/{room.pk}/")
    write(other, "Said meanwhile")
    latest = page.get_by_role("link", name="1 new message")
    expect(latest).to_be_visible(timeout=SLOW)
    assert 201 not in shown(page)
    for _ in range(40):
        page.mouse.move(900, 400)
        page.mouse.wheel(0, 1_500)
        page.wait_for_timeout(80)
        if 201 in shown(page):
            break
    for _ in range(40):
        page.mouse.wheel(0, -3_000)
        page.wait_for_timeout(60)
        if 1 in shown(page):
            break
    assert shown(page) == list(range(1, 202))
    expect(latest).to_have_count(0)

    # From then on the page is like any other.
    write(other, "And after that")
    expect(log(page).get_by_text("And after that")).to_be_attached(timeout=SLOW)

    # One's own message goes to the end, and the page with it.
    page.reload()
    expect(log(page).locator('[data-seq="81"]')).to_be_in_viewport()
    write(page, "My answer")
    expect(log(page).get_by_text("My answer")).to_be_in_viewport(timeout=SLOW)
    expect(log(page).locator("[data-pending]")).to_have_count(0, timeout=SLOW)
    # The end that was fetched may be from a moment before the answer; what was told since is asked for.
    expect(log(page).locator('[data-seq="203"]')).to_be_attached(timeout=SLOW)
    numbers = shown(page)
    assert numbers == list(range(numbers[0], 204))
    expect(page.get_by_role("link", name="Jump to latest")).to_have_count(0)

    # Whoever may not read the room finds nothing in it.
    stranger = ito.sign_in(cast.ito.email)
    find(stranger, "서울")
    expect(stranger.get_by_text("Nothing found for “서울”.")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_jump_to_latest(cast: Cast, room: Room, someone: Callable[..., Person], motion: str) -> None:
    page = someone(reduced_motion=motion).sign_in(cast.kim.email, f"/messages/{room.pk}/?at=81")
    expect(log(page).locator('[data-seq="81"]')).to_be_in_viewport()
    write(someone().sign_in(cast.sato.email, f"/messages/{room.pk}/"), "Newest of all")
    page.get_by_role("link", name="1 new message").click()
    expect(log(page).get_by_text("Newest of all")).to_be_in_viewport(timeout=SLOW)
    numbers = shown(page)
    assert numbers == list(range(numbers[0], 202))

    # The clock of the web process has brought what was there into the index, and brings what is said now.
    write(page, "Indexed here")
    expect(log(page).get_by_text("Indexed here")).to_be_visible(timeout=SLOW)
    deadline = time.monotonic() + 10
    while SearchEntry.objects.count() < 202 and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert SearchEntry.objects.count() == 202


def test_without_scripts_one_searches_and_reads_on(cast: Cast, room: Room, someone: Callable[..., Person]) -> None:
    person = someone(java_script_enabled=False)
    page = person.sign_in(cast.kim.email)
    page.get_by_role("searchbox", name="Find rooms, people, messages").fill("서울")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("region", name="Messages").get_by_role("link").click()
    expect(log(page).locator('[data-seq="81"]')).to_be_in_viewport()
    page.get_by_role("link", name="Later messages").click()
    assert shown(page) == list(range(106, 156))
    page.get_by_role("link", name="Jump to latest").click()
    assert shown(page)[-1] == 200
    assert Message.objects.filter(room=room).count() == 200
