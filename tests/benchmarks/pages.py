"""What people wait for in pages: the message page, a room, a conversation, sending by the plain form."""

from collections.abc import Callable
from uuid import uuid4

from django.test import Client

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Room
from tests.benchmarks.measure import measure
from tests.cast import Cast, make_member, signed_in


def pages(cast: Cast, colleagues: list[User]) -> None:
    """A member with 100 rooms beside one with 1,000; a conversation of 100 messages and then of 10,000."""
    few, many = make_member(cast.alpha, "Few Rooms"), cast.lee
    rooms = {few: _fill(few, colleagues[:100]), many: _fill(many, colleagues)}
    clients = {member: signed_in(member) for member in rooms}

    def compare(name: str, among: str, work: Callable[[Client, int], object]) -> None:
        def of(member: User) -> Callable[[], object]:
            return lambda: work(clients[member], rooms[member].pk)

        tenth = measure(f"baseline: {name} {among} 100 rooms", of(few))
        whole = measure(f"{name} {among} 1,000 rooms", of(many))
        print(f"  ten times the rooms take {whole / tenth:.1f} times as long\n")

    compare("message page", "with", lambda client, _room: _page(client, "/messages/"))
    compare("open a room", "among", lambda client, room: _page(client, f"/messages/{room}/"))
    compare("send by the form", "with", _send)
    _conversation(cast, clients[many])


def _fill(member: User, people: list[User]) -> Room:
    """Each of them has written to the member; the last one's room."""
    rooms = [open_direct_room(member=member, other=person) for person in people]
    send_messages([Draft(one.pk, person.pk, uuid4(), "Hello") for one, person in zip(rooms, people, strict=True)])
    return rooms[-1]


def _conversation(cast: Cast, client: Client) -> None:
    room = open_direct_room(member=cast.lee, other=cast.sato)
    address = f"/messages/{room.pk}/timeline"

    def say(number: int) -> None:
        for start in range(0, number, 100):
            drafts = [Draft(room.pk, cast.sato.pk, uuid4(), f"Number {start + n}") for n in range(100)]
            send_messages(drafts)

    say(100)
    short = measure("baseline: a conversation of 100 messages", lambda: _page(client, address))
    say(9_900)
    long = measure("a conversation of 10,000 messages", lambda: _page(client, address))
    print(f"  a hundred times the messages take {long / short:.1f} times as long\n")


def _page(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def _send(client: Client, room: int) -> None:
    said = {"body": "Hello", "client_id": str(uuid4())}
    assert client.post(f"/messages/{room}/send", said).status_code < 400
