"""A conversation at the screen: writing, reading, trouble on the way."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from messaging.models import Message, Room
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast, say_all
from tests.live.web import WebProcess

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def test_enter_sends_shift_enter_breaks_and_an_input_method_is_respected(
    cast: Cast, room: Room, someone: Callable[..., Person]
) -> None:
    page = someone().sign_in(cast.kim.email, f"/messages/{room.pk}/")
    box(page).click()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    assert not Message.objects.exists()
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("")
    # With a number: before, it is shown while it is on its way.
    expect(log(page).locator("[data-seq] .bubble").last).to_have_text("one\ntwo", use_inner_text=True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": "안녕", "selectionStart": 2, "selectionEnd": 2})
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229})
    devtools.send("Input.insertText", {"text": "안녕하세요"})
    expect(box(page)).to_have_value("안녕하세요")
    assert Message.objects.count() == 1
    page.keyboard.press("Enter")
    expect(log(page).get_by_text("안녕하세요")).to_be_visible()


def test_what_is_written_while_the_server_is_away_is_sent_once_when_it_is_back(
    cast: Cast, room: Room, web: WebProcess, someone: Callable[..., Person]
) -> None:
    page = someone().sign_in(cast.kim.email, f"/messages/{room.pk}/")
    box(page).fill("before")
    page.keyboard.press("Enter")
    expect(log(page).get_by_text("before")).to_be_visible()
    web.stop()
    for text in ("first while away", "second while away"):
        box(page).fill(text)
        page.keyboard.press("Enter")
        expect(log(page).get_by_text(text)).to_be_visible()
    web.start()
    expect(log(page).locator("[data-seq]").filter(has_text="second while away")).to_have_count(1, timeout=40_000)
    assert list(Message.objects.order_by("seq").values_list("body", flat=True)) == [
        "before",
        "first while away",
        "second while away",
    ]
    page.reload()
    expect(log(page).get_by_text("while away")).to_have_count(2)


def test_a_session_that_ends_while_typing_keeps_the_text(
    cast: Cast, room: Room, web: WebProcess, someone: Callable[..., Person]
) -> None:
    person = someone()
    page = person.sign_in(cast.kim.email, f"/messages/{room.pk}/")
    box(page).press_sequentially("A long thought")
    Session.objects.all().delete()
    web.restart()
    expect(page.get_by_text("You were signed out", exact=False).first).to_be_visible(timeout=SLOW)
    expect(box(page)).to_have_value("A long thought")
    person.sign_in_by_form(cast.kim.email, f"/messages/{room.pk}/")
    expect(box(page)).to_have_value("A long thought")


def test_too_long_a_message_is_refused_with_the_reason_and_kept(
    cast: Cast, room: Room, someone: Callable[..., Person]
) -> None:
    page = someone().sign_in(cast.kim.email, f"/messages/{room.pk}/")
    box(page).fill("가" * 10_001)
    page.keyboard.press("Enter")
    expect(page.get_by_text("10,001", exact=False).first).to_be_visible()
    expect(box(page)).to_have_value("가" * 10_001)
    assert not Message.objects.exists()


def test_unread_count_divider_read_state_and_typing(cast: Cast, room: Room, someone: Callable[..., Person]) -> None:
    kim, sato = someone(), someone()
    say_all(room, cast.sato, "one", "two", "three")
    page = kim.sign_in(cast.kim.email)
    row = page.get_by_role("list", name="Message rooms").get_by_role("listitem").filter(has_text="Sato Yui")
    expect(row).to_contain_text("3")
    other = sato.sign_in(cast.sato.email, f"/messages/{room.pk}/")
    expect(log(other).get_by_text("Read", exact=False)).to_have_count(0)
    row.get_by_role("link").click()
    expect(log(page).get_by_text("New messages")).to_be_visible()
    expect(log(other).get_by_text("Read", exact=False).last).to_be_visible(timeout=SLOW)
    box(page).press_sequentially("Hi")
    expect(other.get_by_text("is typing", exact=False)).to_be_visible(timeout=SLOW)


def test_earlier_messages_come_on_scrolling_up(cast: Cast, room: Room, someone: Callable[..., Person]) -> None:
    say_all(room, cast.sato, *(f"Number {n}." for n in range(1, 131)))
    page = someone().sign_in(cast.kim.email, f"/messages/{room.pk}/")
    for _ in range(12):
        page.mouse.move(900, 400)
        page.mouse.wheel(0, -4_000)
        page.wait_for_timeout(150)
    expect(log(page).get_by_text("Number 1.", exact=True)).to_be_attached(timeout=SLOW)
    numbers = log(page).locator("article[data-seq]").evaluate_all("all => all.map(one => Number(one.dataset.seq))")
    assert numbers == list(range(1, 131))


def test_new_opens_a_room_with_a_colleague_and_with_a_contact(cast: Cast, someone: Callable[..., Person]) -> None:
    page = someone().sign_in(cast.kim.email)
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("button", name="Company Members").click()
    page.get_by_role("checkbox", name="Lee Jiho").check()
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.get_by_role("heading", name="Lee Jiho")).to_be_visible()
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("button", name="External Users").click()
    expect(page.get_by_text("no external contacts yet", exact=False)).to_be_visible()


def test_without_scripts_one_reads_and_sends(cast: Cast, room: Room, someone: Callable[..., Person]) -> None:
    say_all(room, cast.sato, *(f"Number {n}." for n in range(1, 61)), "Can you read this?")
    page = someone(java_script_enabled=False).sign_in(cast.kim.email, f"/messages/{room.pk}/")
    expect(log(page).get_by_text("Can you read this?")).to_be_visible()
    box(page).fill("Yes, without scripts.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(log(page).get_by_text("Yes, without scripts.")).to_be_visible()
    page.get_by_role("link", name="Earlier messages").click()
    expect(log(page).get_by_text("Number 1.", exact=True)).to_be_visible()
    expect(page.get_by_role("list", name="Message rooms")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_no_page_is_wider_than_its_screen(
    cast: Cast, room: Room, someone: Callable[..., Person], width: int, scheme: str
) -> None:
    say_all(room, cast.sato, "x" * 400, "https://example.com/" + "y" * 300, "한글 " * 80)
    person = someone(viewport={"width": width, "height": 844}, color_scheme=scheme)
    person.sign_in(cast.kim.email)
    for path in (f"/messages/{room.pk}/", "/messages/", "/contacts/", "/contacts/add/", "/profile/", "/notifications/"):
        page = person.go(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
