"""What comes to a page in another order than it happened."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Room
from tests.browser.conftest import Person
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Text = str | bytes


def say(room: Room, author: User, *bodies: str) -> None:
    """Each in a commit of its own; from another thread, because Playwright's loop runs in this one."""

    def work() -> None:
        for body in bodies:
            send_messages([Draft(room.pk, author.pk, uuid4(), body)])
        connection.close()

    with ThreadPoolExecutor() as pool:
        pool.submit(work).result()


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def shown(page: Page) -> list[int]:
    return log(page).locator("[data-seq]").evaluate_all("all => all.map(one => Number(one.dataset.seq))")


def kind_of(text: Text) -> Any:
    return json.loads(text)["type"]


def test_i20_i21_a_push_that_has_overtaken_another_waits_for_it(cast: Cast, someone: Callable[..., Person]) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    person = someone()
    heard: list[str] = []
    held: list[Text] = []
    asked: list[str] = []

    def swap(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: Text) -> None:
            heard.append(kind_of(text))
            if heard[-1] != "room":
                return socket.send(text)
            held.append(text)
            if len(held) == 2:
                # At once, as two web processes may: the second, and the first after it.
                for one in reversed(held):
                    socket.send(one)
            return None

        server.on_message(pass_on)

    person.page.route_web_socket(lambda url: url.endswith("/live/"), swap)
    page = person.sign_in(cast.kim.email, f"/messages/{room.pk}/")
    until(page, lambda: "heads" in heard)
    page.on("request", lambda request: "/changes" in request.url and asked.append(request.url))
    say(room, cast.sato, "Said first", "Said second")
    expect(log(page).get_by_text("Said second")).to_be_visible()
    expect(log(page).get_by_text("Said first")).to_be_visible()
    assert shown(page) == [1, 2]
    assert len(held) == 2
    page.wait_for_timeout(500)
    assert asked == [], "it was not missing, only late"


def test_i21_what_one_writes_while_the_end_is_fetched_stays_in_sight(
    cast: Cast, someone: Callable[..., Person]
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), f"Number {n}.") for n in range(1, 201)])
    person = someone()
    sends: list[Text] = []
    open_sockets: list[Any] = []
    acknowledged: list[Text] = []

    def hold_sends(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        open_sockets.append(server)
        socket.on_message(lambda text: sends.append(text) if kind_of(text) == "send" else server.send(text))

        def pass_on(text: Text) -> None:
            socket.send(text)
            if kind_of(text) == "ack":
                acknowledged.append(text)

        server.on_message(pass_on)

    ends: list[tuple[Route, Any]] = []
    person.page.route_web_socket(lambda url: url.endswith("/live/"), hold_sends)
    page = person.sign_in(cast.kim.email, f"/messages/{room.pk}/?at=81")
    expect(log(page).locator('[data-seq="81"]')).to_be_in_viewport()
    page.route("**/timeline", lambda route: ends.append((route, route.fetch())))
    page.get_by_role("textbox", name="Message", exact=True).fill("Mine")
    page.keyboard.press("Enter")
    until(page, lambda: bool(ends and sends))
    # The end is on its way and knows nothing of it yet when it is sent and acknowledged.
    open_sockets[-1].send(sends[0])
    until(page, lambda: bool(acknowledged))
    # What catching up would bring does not come in time.
    page.route("**/changes*", lambda route: route.abort())
    route, answer = ends[0]
    route.fulfill(response=answer)
    expect(log(page).get_by_text("Mine", exact=True)).to_be_in_viewport()
    page.wait_for_timeout(500)
    expect(log(page).get_by_text("Mine", exact=True)).to_have_count(1)
    assert shown(page)[-1] == 201


def until(page: Page, condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it does not come about")
