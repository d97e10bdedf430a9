"""How many queries the work takes that `make bench` times: the same number for ten times as much."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Room
from tests.cast import Cast, make_member, make_members, signed_in

pytestmark = pytest.mark.django_db


def queries(work: Callable[[], object]) -> int:
    work()
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def talk(room: Room, author: User, number: int) -> None:
    send_messages([Draft(room.pk, author.pk, uuid4(), f"Number {n}") for n in range(number)])


def test_the_message_page_takes_the_same_queries_for_ten_times_the_rooms(cast: Cast) -> None:
    client = signed_in(cast.kim)
    people = make_members(cast.alpha, [f"Colleague {n}" for n in range(40)])

    def fill(some: list[User]) -> None:
        for person in some:
            talk(open_direct_room(member=cast.kim, other=person), person, 1)

    fill(people[:4])
    few = queries(lambda: client.get("/messages/"))
    fill(people[4:])
    assert queries(lambda: client.get("/messages/")) == few <= 14


@pytest.mark.parametrize("path", ["", "timeline", "changes?after=0"])
def test_a_conversation_takes_the_same_queries_for_ten_times_the_messages(cast: Cast, path: str) -> None:
    client = signed_in(cast.kim)
    room = open_direct_room(member=cast.kim, other=cast.lee)
    talk(room, cast.lee, 4)
    few = queries(lambda: client.get(f"/messages/{room.pk}/{path}"))
    talk(room, cast.lee, 36)
    assert queries(lambda: client.get(f"/messages/{room.pk}/{path}")) == few


def test_a_batch_takes_the_same_queries_for_ten_times_the_messages_and_rooms(cast: Cast) -> None:
    rooms = [open_direct_room(member=cast.kim, other=make_member(cast.alpha, f"Colleague {n}")) for n in range(30)]

    def batch(number: int) -> None:
        send_messages([Draft(room.pk, cast.kim.pk, uuid4(), "Hello") for room in rooms[:number]])

    assert queries(lambda: batch(30)) == queries(lambda: batch(3)) <= 9
