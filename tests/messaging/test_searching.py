"""Finding messages: who finds what, page by page, in every language, and nothing that is not theirs to see."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from messaging.actions.editing import edit_room
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import open_direct_room
from messaging.message.markup import to_html
from messaging.message.row import MessageRow
from messaging.models import Message, Room, SearchEntry, SearchHead
from messaging.rates import SEARCH_RATE
from messaging.search.indexing import index_rooms, index_round
from messaging.search.matches import find_messages
from messaging.search.query import parse
from messaging.search.stale_rooms import StaleRooms, behind, stale_rooms
from tests.cast import Cast, make_member, say_all, signed_in
from tests.words import words_of

pytestmark = pytest.mark.django_db
SEARCH = "/messages/search/"


def index() -> None:
    """What the clock of a web process does, until nothing is left."""
    stale_rooms.add(set(behind(1_000)))
    while index_round():
        pass


def edit(message: MessageRow, body: str) -> None:
    """As an action would: the room's next revision, on the message's row."""
    room = Room.objects.get(pk=message.room_id)
    room.rev += 1
    room.save(update_fields=["rev"])
    Message.objects.filter(pk=message.pk).update(body=body, html=to_html(body), rev=room.rev)


def found(member: User, text: str) -> list[str]:
    return [message.body for message in find_messages(member, parse(text)).messages]


@pytest.fixture(autouse=True)
def nothing_lags() -> None:
    """What other tests of this process left behind."""
    stale_rooms.__init__()


@pytest.fixture
def room(cast: Cast) -> Room:
    add_external_contact(member=cast.kim, person=cast.sato)
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")


@pytest.fixture(params=["indexed", "just said"])
def told(request: pytest.FixtureRequest) -> Any:
    """What is found must not depend on whether the clock came round."""
    return index if request.param == "indexed" else lambda: None


def test_a_member_finds_messages_in_each_language_newest_first(cast: Cast, room: Room, told: Any) -> None:
    said = ["내일 서울에서 회의", "明日の会議は東京", "明天下午开会", "The Quarterly report", "서울역 앞"]
    say_all(room, cast.sato, *said)
    told()
    for text, bodies in {
        "서울": [said[4], said[0]],
        "회": [said[0]],
        "会議": [said[1]],
        "东京": [],
        "开会": [said[2]],
        "quarter": [said[3]],
        "report QUARTERLY": [said[3]],
    }.items():
        assert found(cast.kim, text) == bodies, text
        assert found(cast.lee, text) == bodies, text


def test_i03_i04_strangers_and_former_members_find_nothing(cast: Cast, room: Room, told: Any) -> None:
    say_all(room, cast.kim, "비밀 secret")
    told()
    for member in (cast.ito, cast.tran, cast.admin_alpha, cast.admin_beta, cast.operator):
        assert found(member, "비밀") == []
    assert found(cast.sato, "비밀") == found(cast.lee, "secret") == ["비밀 secret"]
    remove_member(master=cast.kim, room_id=room.pk, member_id=cast.sato.pk)
    leave_room(member=cast.lee, room_id=room.pk)
    assert found(cast.sato, "비밀") == found(cast.lee, "secret") == []


def test_i01_the_answer_for_what_one_may_not_see_is_that_for_what_nobody_said(
    cast: Cast, room: Room, told: Any
) -> None:
    say_all(room, cast.kim, "xylophone")
    told()
    client = signed_in(cast.ito)
    hidden = client.get(SEARCH, {"q": "xylophone"}).content.decode()
    absent = client.get(SEARCH, {"q": "xylophobe"}).content.decode()
    assert hidden == absent.replace("xylophobe", "xylophone")
    assert "Nothing found for “xylophone”" in hidden
    assert Client().get(SEARCH, {"q": "xylophone"}).status_code == 302


def test_i03_what_was_said_before_one_could_see_it_is_not_found(cast: Cast, room: Room, told: Any) -> None:
    say_all(room, cast.kim, "early 서울")
    add_members(master=cast.kim, room_id=room.pk, people=[cast.admin_alpha])
    edit(say_all(room, cast.kim, "late 부산")[0], "late 서울")
    told()
    assert found(cast.admin_alpha, "서울") == ["late 서울"]
    edit_room(master=cast.kim, room_id=room.pk, newcomers="all")
    other = make_member(cast.alpha, "Later Still")
    add_members(master=cast.kim, room_id=room.pk, people=[other])
    assert found(other, "서울") == ["late 서울", "early 서울"]


def test_i15_what_a_blocked_person_wrote_is_not_found_by_whoever_blocked(cast: Cast, room: Room, told: Any) -> None:
    say_all(room, cast.sato, "before 서울")
    block_external_user(member=cast.kim, person=cast.sato)
    say_all(room, cast.sato, *["after 서울"] * 70)
    told()
    assert found(cast.kim, "서울") == ["before 서울"]
    assert find_messages(cast.kim, parse("서울")).before is None
    assert len(found(cast.lee, "서울")) == 20


def test_i23_an_edited_message_is_found_by_what_it_says_now(cast: Cast, room: Room, told: Any) -> None:
    message = say_all(room, cast.sato, "아침 회의")[0]
    index()
    edit(message, "저녁 회의")
    told()
    assert found(cast.kim, "아침") == []
    assert found(cast.kim, "저녁") == found(cast.kim, "회의") == ["저녁 회의"]
    edit(message, "")
    assert found(cast.kim, "저녁") == []


def test_system_messages_are_not_found(cast: Cast, room: Room, told: Any) -> None:
    told()
    assert "created this room" in words_of(Message.objects.get(kind="line"))
    assert found(cast.kim, "made") == []


def test_more_comes_page_by_page_without_gaps(cast: Cast, room: Room, told: Any) -> None:
    other = open_direct_room(member=cast.kim, other=cast.lee)
    for number in range(22):
        say_all(room, cast.sato, f"report {number}a")
        say_all(other, cast.lee, f"report {number}b", "noise")
    told()
    client = signed_in(cast.kim)
    numbers, address = [], f"{SEARCH}?q=report"
    while address:
        page = client.get(address).content.decode()
        numbers += re.findall(r"</mark> (\d+[ab])", page)
        more = re.search(r'data-hits-more><a [^>]*href="/messages/\?([^"]+)"', page)
        address = more and f"{SEARCH}?{more[1].replace('&amp;', '&')}"
    assert numbers == [f"{n}{letter}" for n in reversed(range(22)) for letter in "ba"]


def test_a_hit_shows_room_person_company_and_words_safely_and_leads_to_its_place(cast: Cast, room: Room) -> None:
    message = say_all(room, cast.sato, "<b>서울</b> & <script>alert(1)</script>")[0]
    index()
    page = signed_in(cast.kim).get("/messages/", {"q": "서울", "filter": "external"}).content.decode()
    hits = page[page.index('id="found-heading"') :]
    assert "Osaka launch" in hits
    assert '<span class="visually-hidden">External</span>' in hits
    assert "Sato Yui" in hits
    assert f'data-company="{cast.beta.pk}">beta</bdi>' in hits
    assert "&lt;b&gt;<mark>서울</mark>&lt;/b&gt; &amp; &lt;script&gt;" in hits
    assert (
        f'href="/messages/{room.pk}/?at={message.seq}&amp;q=%EC%84%9C%EC%9A%B8#message-{room.pk}-{message.seq}"' in hits
    )
    assert 'value="external" checked' in page
    own = signed_in(cast.sato).get(SEARCH, {"q": "서울"}).content.decode()
    assert "company-badge" not in own


def test_what_is_typed_is_shown_safely_and_may_be_anything(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    for text in ("<script>", "'", "\\", "' | 'a", "!", ":*", "a" * 5_000, "\0", "서" * 100, "%_%", "a&b|c!d"):
        for address in (SEARCH, "/messages/"):
            answer = client.get(address, {"q": text})
            assert answer.status_code == 200, text
            assert "<script>”" not in answer.content.decode()
    assert client.get(SEARCH, {"q": "a", "older": "x"}).status_code == 400
    assert client.get(SEARCH).content.strip() == b""


def test_i38_searching_too_often_is_refused_for_a_while_and_the_page_says_so(cast: Cast, settings: Any) -> None:
    settings.LIVE_RATE_FACTOR = 2 / SEARCH_RATE.count
    client = signed_in(cast.kim)
    answers = [client.get(SEARCH, {"q": "report"}) for _ in range(5)]
    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) >= 1
    assert "too fast" in last.content.decode()
    page = client.get("/messages/", {"q": "report"})
    assert page.status_code == 429
    assert "too fast" in page.content.decode()
    assert client.get("/messages/").status_code == 200
    assert signed_in(cast.lee).get(SEARCH, {"q": "report"}).status_code == 200


def test_the_number_of_queries_does_not_grow(cast: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(SEARCH, {"q": "report"})
        return len(queries)

    client = signed_in(cast.kim)
    for number in range(3):
        say_all(
            open_direct_room(member=cast.kim, other=make_member(cast.alpha, f"Colleague {number}")), cast.kim, "report"
        )
    few = count()
    for number in range(20):
        other = make_member(cast.alpha, f"Colleague 1{number}")
        say_all(open_direct_room(member=cast.kim, other=other), other, *["report"] * 3)
    assert count() <= few + 1
    index()
    assert count() <= few + 1


def test_the_index_catches_up_with_all_rooms_and_then_rests(cast: Cast, room: Room) -> None:
    other = open_direct_room(member=cast.kim, other=cast.lee)
    say_all(room, cast.sato, *["text"] * 250)
    say_all(other, cast.lee, *["text"] * 30)
    rooms = {room.pk, other.pk}
    assert set(behind(10)) == rooms
    # Who is least behind comes first: what was just said does not wait for a room with much to read.
    assert index_rooms(sorted(rooms)) == ({room.pk}, 30)
    assert index_rooms([room.pk]) == ({room.pk}, 200)
    index()
    assert SearchEntry.objects.count() == Message.objects.filter(kind="text").count()
    assert behind(10) == []
    stood = dict(Room.objects.filter(pk__in=rooms).values_list("pk", "rev"))
    assert dict(SearchHead.objects.values_list("room", "rev")) == stood
    with CaptureQueriesContext(connection) as queries:
        assert index_round() == 0
    assert len(queries) == 0


def test_long_messages_are_indexed_few_at_a_time(cast: Cast, room: Room) -> None:
    say_all(room, cast.sato, *["가" * 10_000] * 7)
    unfinished, read = index_rooms([room.pk])
    # The system message that says who made the room is one of them.
    assert (unfinished, read) == ({room.pk}, 6)
    index()
    assert SearchEntry.objects.count() == 7


def test_a_change_that_is_no_message_moves_the_head_too(cast: Cast, room: Room) -> None:
    index()
    edit_room(master=cast.kim, room_id=room.pk, name="Another name")
    assert behind(10) == [room.pk]
    index()
    assert behind(10) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_said_here_is_noted_after_commit(cast: Cast, room: Room) -> None:
    index()
    noted = StaleRooms()
    noted.take(1)
    say_all(room, cast.sato, "text")
    assert stale_rooms.take(10) == [room.pk]
    # Whatever nobody noted is found by the sweep.
    assert StaleRooms().take(10) == [room.pk]
    assert noted.take(10) == []


@pytest.mark.django_db(transaction=True)
def test_processes_at_once_index_each_message_once(cast: Cast, room: Room) -> None:
    rooms = [room, *(create_group_room(creator=cast.kim, members=[cast.lee], name=f"Room {n}") for n in range(5))]
    ids = [one.pk for one in rooms]
    read: list[int] = []
    writing = threading.Event()

    def write() -> None:
        for number in range(6):
            for one in rooms:
                say_all(one, cast.kim, *[f"text {number}"] * 3)
        writing.set()
        connection.close()

    def work() -> None:
        last = False
        while not last:
            last = writing.is_set()
            left = set(ids)
            while left:
                left, number = index_rooms(sorted(left))
                read.append(number)
        connection.close()

    threads = [threading.Thread(target=target) for target in (write, work, work, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    said = Message.objects.filter(kind="text")
    assert SearchEntry.objects.count() == said.count() == 108
    # Lines were read too, and each of them all once.
    assert sum(read) == Message.objects.count()
    assert behind(10) == []
