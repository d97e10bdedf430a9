"""What people wait for in pages: the message page, a conversation, sending by the plain form."""

from uuid import uuid4

from django.test import Client

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from tests.benchmarks.measure import measure
from tests.cast import Cast, signed_in


def pages(cast: Cast, colleagues: list[User]) -> None:
    """A member with 100 rooms and then with 1,000; a conversation of 100 messages and then of 10,000."""
    client = signed_in(cast.lee)
    room = open_direct_room(member=cast.lee, other=cast.sato)

    def fill(people: list[User]) -> None:
        rooms = [open_direct_room(member=cast.lee, other=person) for person in people]
        send_messages([Draft(one.pk, person.pk, uuid4(), "Hello") for one, person in zip(rooms, people, strict=True)])

    def say(number: int) -> None:
        for start in range(0, number, 100):
            drafts = [Draft(room.pk, cast.sato.pk, uuid4(), f"Number {start + n}") for n in range(100)]
            send_messages(drafts)

    fill(colleagues[:100])
    few = measure("baseline: message page with 100 rooms", lambda: _page(client, "/messages/"))
    fill(colleagues[100:])
    many = measure("message page with 1,000 rooms", lambda: _page(client, "/messages/"))
    print(f"  ten times the rooms take {many / few:.1f} times as long\n")
    say(100)
    address = f"/messages/{room.pk}/timeline"
    short = measure("baseline: a conversation of 100 messages", lambda: _page(client, address))
    say(9_900)
    long = measure("a conversation of 10,000 messages", lambda: _page(client, address))
    print(f"  a hundred times the messages take {long / short:.1f} times as long\n")
    measure("open a room among 1,000", lambda: _page(client, f"/messages/{room.pk}/"))
    measure(
        "send by the form",
        lambda: client.post(f"/messages/{room.pk}/send", {"body": "Hello", "client_id": str(uuid4())}),
    )
    print()


def _page(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200
