"""Opening a room at one message: the page around it, from there on in both directions, and nothing that is hidden."""

import re
from typing import Any

import pytest
from django.test import Client

from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.models import Room
from tests.cast import Cast, say_all, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast: Cast) -> Room:
    add_external_contact(member=cast.kim, person=cast.sato)
    made = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    say_all(made, cast.sato, *(f"Number {n}" for n in range(2, 151)))
    return made


def numbers(client: Client, address: str, **query: Any) -> list[int]:
    page = client.get(address, query).content.decode()
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', page)]


def test_a_room_opens_at_a_message_with_what_stands_around_it(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    address = f"/messages/{room.pk}/"
    assert numbers(client, address, at=75) == list(range(50, 100))
    page = client.get(address, {"at": 75}).content.decode()
    assert 'data-at="75"' in page
    assert "data-middle" in page
    assert "Jump to latest" in page
    assert f'href="{address}?before=50"' in page
    assert f'href="{address}?after=99"' in page
    assert numbers(client, address, at=3) == list(range(1, 28))
    assert "data-older" not in client.get(address, {"at": 3}).content.decode()


def test_near_the_end_the_page_is_the_end(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    assert numbers(client, f"/messages/{room.pk}/", at=126) == list(range(101, 151))
    page = client.get(f"/messages/{room.pk}/", {"at": 126}).content.decode()
    assert 'data-at="126"' in page
    assert "data-middle" not in page
    assert "Jump to latest" not in page.split("data-texts")[0]


def test_without_scripts_one_goes_on_in_both_directions(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    address = f"/messages/{room.pk}/"
    assert numbers(client, address, before=50) == list(range(1, 50))
    assert "Later messages" in client.get(address, {"before": 50}).content.decode()
    assert numbers(client, address, after=99) == list(range(100, 150))
    assert numbers(client, address, after=149) == [150]
    assert "Later messages" not in client.get(address, {"after": 149}).content.decode()
    assert client.get(address, {"at": "x"}).status_code == client.get(address, {"after": "-1"}).status_code == 400


def test_a_script_fetches_what_comes_later(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    address = f"/messages/{room.pk}/timeline"
    assert numbers(client, address, after=99) == list(range(100, 150))
    answer = client.get(address, {"after": 99})
    assert answer.headers["X-Room-Rev"] == "150"
    assert "data-newer" in answer.content.decode()
    assert "data-older" not in answer.content.decode()
    assert "data-newer" not in client.get(address, {"after": 100}).content.decode()
    assert "data-newer" not in client.get(address, {"before": 50}).content.decode()
    assert signed_in(cast.ito).get(address, {"after": 99}).status_code == 404


def plain(client: Client, address: str, **query: Any) -> tuple[int, str]:
    """The answer without what differs each time, and without the address that was asked for."""
    answer = client.get(address, query)
    return answer.status_code, re.sub(r'value="[\w-]{36,}"', "", answer.content.decode()).replace(address, "")


def test_i01_a_message_one_may_not_see_opens_the_room_as_one_that_is_not_there(cast: Cast, room: Room) -> None:
    block_external_user(member=cast.kim, person=cast.sato)
    say_all(room, cast.sato, "withheld")
    add_members(master=cast.kim, room_id=room.pk, people=[cast.admin_alpha])
    kim, newcomer = signed_in(cast.kim), signed_in(cast.admin_alpha)
    address = f"/messages/{room.pk}/"
    for client, hidden in ((kim, 151), (newcomer, 75), (newcomer, 151)):
        assert plain(client, address, at=hidden) == plain(client, address, at=987654) == plain(client, address)
    for stranger in (cast.ito, cast.tran, cast.operator):
        client = signed_in(stranger)
        assert plain(client, address, at=75) == plain(client, address, at=987654)
        assert plain(client, address, at=75) == plain(client, "/messages/987654/", at=75)
        assert client.get(address, {"at": 75}).status_code == 404
