"""A room list that is longer than what a page shows at first."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Room
from messaging.pages.room_list import FIRST, list_mark
from tests.cast import Cast, make_members, signed_in


@pytest.fixture
def old(cast: Cast) -> Room:
    """Kim's oldest room, with Sato of another company; with as many newer ones before it as a page shows."""
    room = open_direct_room(member=cast.kim, other=cast.sato)
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), "Long ago")])
    people = make_members(cast.alpha, [f"Colleague {number}" for number in range(FIRST)])
    rooms = [open_direct_room(member=cast.kim, other=person) for person in people]
    send_messages([Draft(one.pk, person.pk, uuid4(), "Hello") for one, person in zip(rooms, people, strict=True)])
    return room


def listed(client: Client, address: str) -> tuple[list[int], str]:
    """The rooms in the list, and where the link to all of them leads, empty without one."""
    html = client.get(address).content.decode()
    more = re.search(r'href="([^"]*)" data-rows-more', html)
    assert 'data-none="' in html
    return [int(pk) for pk in re.findall(r'id="room-row-(\d+)"', html)], more[1].replace("&amp;", "&") if more else ""


@pytest.mark.django_db
def test_a_page_shows_the_first_rooms_and_leads_to_the_others(cast: Cast, old: Room) -> None:
    client = signed_in(cast.kim)
    for page in ("/messages/", "/messages/list/"):
        rooms, more = listed(client, page)
        assert (len(rooms), more) == (FIRST, "?rows=all")
        assert old.pk not in rooms
        everything, more = listed(client, page + more)
        assert (everything[:FIRST], everything[FIRST:], more) == (rooms, [old.pk], "")
    # The room that is open is among them, wherever it stands.
    for page in (f"/messages/{old.pk}/", f"/messages/list/?open={old.pk}"):
        assert listed(client, page) == ([*rooms, old.pk], "")
    # What the page does not show counts in the mark as what it does: it notices whatever happens there.
    assert f'data-mark="{list_mark(cast.kim.pk)}"' in client.get("/messages/list/").content.decode()


@pytest.mark.django_db
def test_filters_and_searches_look_at_all_rooms(cast: Cast, old: Room) -> None:
    client = signed_in(cast.kim)
    assert listed(client, "/messages/?filter=external") == ([old.pk], "")
    assert listed(client, "/messages/list/?q=Sato") == ([old.pk], "")
    rooms, more = listed(client, "/messages/?filter=unread")
    assert (len(rooms), more) == (FIRST, "?filter=unread&rows=all")
    assert listed(client, "/messages/" + more)[0][FIRST:] == [old.pk]


@pytest.mark.django_db
def test_a_list_that_is_just_full_leads_nowhere(cast: Cast, old: Room) -> None:
    client = signed_in(cast.kim)
    client.post(f"/messages/{old.pk}/settings/", {"hidden": "1"})
    rooms, more = listed(client, "/messages/")
    assert (len(rooms), more) == (FIRST, "")
