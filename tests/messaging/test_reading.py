"""Read positions, unread counts, the list, and catching up."""

from uuid import uuid4

import pytest

from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.read import mark_read
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Membership, Room
from messaging.pages.conversation import MAX_CHANGES
from messaging.pages.room_list import room_rows
from messaging.readers import readers_of
from tests.cast import Cast, make_member, signed_in
from worksbridge.errors import NotFound


@pytest.fixture
def room(cast: Cast) -> Room:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), f"Number {n}") for n in range(5)])
    return room


def unread(member: object) -> int:
    return sum(row.unread for row in room_rows(member))


@pytest.mark.django_db
def test_i22_a_read_position_never_goes_back(cast: Cast, room: Room) -> None:
    assert (unread(cast.kim), unread(cast.sato)) == (5, 0)
    mark_read(member_id=cast.kim.pk, room_id=room.pk, seq=4)
    assert unread(cast.kim) == 1
    mark_read(member_id=cast.kim.pk, room_id=room.pk, seq=2)
    assert unread(cast.kim) == 1
    mark_read(member_id=cast.kim.pk, room_id=room.pk, seq=10**9)
    assert unread(cast.kim) == 0
    with pytest.raises(NotFound):
        mark_read(member_id=cast.tran.pk, room_id=room.pk, seq=1)


@pytest.mark.django_db
def test_writing_counts_as_reading(cast: Cast, room: Room) -> None:
    send_messages([Draft(room.pk, cast.kim.pk, uuid4(), "Answer")])
    assert (unread(cast.kim), unread(cast.sato)) == (0, 1)


@pytest.mark.django_db
def test_who_came_later_is_no_reader_of_what_was_before(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee], name="Two")
    send_messages([Draft(room.pk, cast.kim.pk, uuid4(), "Before")])
    doyun = make_member(cast.alpha, "Jung Doyun")
    add_members(master=cast.kim, room_id=room.pk, people=[doyun])
    room.refresh_from_db()
    joined = room.rev
    readers = readers_of(cast.kim, room)
    assert readers[doyun.pk] == [joined, joined - 1]
    assert readers[cast.lee.pk] == [0, 0]
    send_messages([Draft(room.pk, cast.kim.pk, uuid4(), "After")])
    mark_read(member_id=doyun.pk, room_id=room.pk, seq=10**9)
    assert readers_of(cast.kim, room)[doyun.pk] == [joined, joined + 1]
    answer = signed_in(cast.kim).get(f"/messages/{room.pk}/changes", {"after": joined}).json()
    assert answer["reads"][str(doyun.pk)] == [joined, joined + 1]


@pytest.mark.django_db
def test_i21_catching_up_from_any_revision_gives_the_rest(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    for after in range(6):
        answer = client.get(f"/messages/{room.pk}/changes", {"after": after}).json()
        assert [item["seq"] for item in answer["items"]] == list(range(after + 1, 6))
        assert (answer["rev"], answer["reload"]) == (5, False)
    assert client.get(f"/messages/{room.pk}/changes", {"after": 99}).json()["reload"] is True
    assert client.get(f"/messages/{room.pk}/changes", {"after": "-1"}).status_code == 400


@pytest.mark.django_db
def test_i21_too_far_behind_means_a_full_reload(cast: Cast, room: Room) -> None:
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), f"More {n}") for n in range(MAX_CHANGES)])
    client = signed_in(cast.kim)
    assert client.get(f"/messages/{room.pk}/changes", {"after": 1}).json()["reload"] is True
    assert client.get(f"/messages/{room.pk}/changes", {"after": 5}).json()["reload"] is False


@pytest.mark.django_db
def test_older_messages_come_page_by_page(cast: Cast, room: Room) -> None:
    send_messages([Draft(room.pk, cast.sato.pk, uuid4(), f"More {n}") for n in range(115)])
    text = signed_in(cast.kim).get(f"/messages/{room.pk}/timeline", {"before": 71}).content.decode()
    assert 'data-seq="70"' in text
    assert 'data-seq="21"' in text
    assert 'data-seq="20"' not in text
    assert 'data-seq="71"' not in text


@pytest.mark.django_db
def test_the_list_takes_a_constant_number_of_queries(
    cast: Cast, room: Room, django_assert_max_num_queries: object
) -> None:
    for number in range(40):
        other = make_member(cast.alpha, f"Colleague {number}")
        extra = open_direct_room(member=cast.kim, other=other)
        send_messages([Draft(extra.pk, other.pk, uuid4(), "Hello")])
    client = signed_in(cast.kim)
    with django_assert_max_num_queries(12):
        text = client.get("/messages/list/").content.decode()
    assert text.count("Colleague") >= 40
    assert Membership.objects.filter(member=cast.kim).count() == 41


@pytest.mark.django_db
def test_i06_pages_of_a_session_are_never_cached_by_others(cast: Cast, room: Room) -> None:
    for path in ("/messages/", f"/messages/{room.pk}/", f"/messages/{room.pk}/changes?after=0"):
        assert "private" in signed_in(cast.kim).get(path).headers["Cache-Control"]
        assert signed_in(cast.kim).get(path).headers["Cache-Control"].find("no-store") >= 0


@pytest.mark.django_db
def test_new_opens_the_room_with_a_colleague_and_refuses_strangers(cast: Cast) -> None:
    client = signed_in(cast.kim)
    answer = client.post("/messages/new/", {"do": "ok", "people": cast.lee.pk})
    room = Room.objects.get()
    assert answer.headers["Location"] == f"/messages/{room.pk}/"
    assert client.post("/messages/new/", {"do": "ok", "people": cast.lee.pk}).status_code == 302
    assert Room.objects.count() == 1
    for source in ("members", "external"):
        foreign = client.post("/messages/new/", {"from": source, "do": "ok", "people": cast.tran.pk})
        missing = client.post("/messages/new/", {"from": source, "do": "ok", "people": 987654})
        assert foreign.status_code == missing.status_code == 400
    assert client.post("/messages/new/", {"do": "ok"}).status_code == 400
    assert Room.objects.count() == 1
