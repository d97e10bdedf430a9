"""What happens to a room reaches everyone in it in one push, but those who have blocked whose doing it is."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.models import User
from contacts.actions.block import block_external_user
from messaging.access import messages_in
from messaging.actions.editing import edit_room
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.masters import hand_over, make_master, step_down
from messaging.actions.send import Draft, send_message
from messaging.models import Membership, Room, Withheld
from tests.cast import Cast
from tests.heard import Heard, ids

pytestmark = pytest.mark.django_db
Deed = Callable[[Cast, Room], object]

# What Kim does as Group Master, each with a system message.
DEEDS: dict[str, Deed] = {
    "rename": lambda cast, room: edit_room(master=cast.kim, room_id=room.pk, name="Osaka, autumn"),
    "share": lambda cast, room: make_master(master=cast.kim, room_id=room.pk, member_id=cast.lee.pk),
    "hand over": lambda cast, room: hand_over(master=cast.kim, room_id=room.pk, member_id=cast.lee.pk),
    "remove": lambda cast, room: remove_member(master=cast.kim, room_id=room.pk, member_id=cast.ito.pk),
    "add": lambda cast, room: add_members(master=cast.kim, room_id=room.pk, people=[cast.admin_alpha]),
    "leave": lambda cast, room: leave_room(member=cast.kim, room_id=room.pk),
}


@pytest.fixture
def group(cast: Cast) -> Room:
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Osaka launch")


def seen(member: User, room: Room) -> int:
    return messages_in(member, room).count()


@pytest.mark.parametrize("deed", DEEDS)
def test_i15_what_a_blocked_person_does_to_a_room_is_not_said_to_who_blocked_them(
    cast: Cast, group: Room, heard: Heard, deed: str
) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    before = {person: seen(person, group) for person in (cast.sato, cast.lee)}
    with heard.listening():
        DEEDS[deed](cast, group)
    # When Kim leaves, that Lee is Group Master now is nobody's doing, and said to everyone.
    own = 1 if deed == "leave" else 0
    assert seen(cast.lee, group) - before[cast.lee] == 1 + own
    assert seen(cast.sato, group) - before[cast.sato] == own
    frames = heard.by_member("room")
    (theirs,), (others,) = frames[cast.sato.pk], frames[cast.lee.pk]
    assert len(others["items"]) == 1 + own
    assert len(theirs["items"]) == own
    # They look at the room anew all the same: its name, its members.
    assert theirs["refresh"]
    assert (theirs["after"], theirs["rev"]) == (others["after"], others["rev"])


def test_what_is_withheld_counts_for_nobody_as_unread(cast: Cast, group: Room) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    edit_room(master=cast.kim, room_id=group.pk, name="Osaka, autumn")
    assert not Withheld.objects.filter(member=cast.sato, is_counted=True).exists()
    assert Membership.objects.get(room=group, member=cast.sato).withheld_ahead == 0


def test_several_things_at_once_are_one_push_in_their_order(cast: Cast, group: Room, heard: Heard) -> None:
    make_master(master=cast.kim, room_id=group.pk, member_id=cast.lee.pk)
    with heard.listening():
        edit_room(master=cast.kim, room_id=group.pk, name="Osaka, autumn", description="All about it")
    ((to, frame),) = heard.frames("room")
    assert to == ids(cast.kim, cast.lee, cast.sato, cast.ito)
    assert [one["seq"] for one in frame["items"]] == [frame["after"] + 1, frame["after"] + 2]
    assert frame["rev"] == frame["after"] + 2
    group.refresh_from_db()
    assert group.rev == frame["rev"]
    # And the next message comes after it.
    assert send_message(Draft(group.pk, cast.ito.pk, uuid4(), "Fine")).seq == group.rev + 1


def test_a_master_who_steps_down_is_said_to_all_who_have_not_blocked_them(
    cast: Cast, group: Room, heard: Heard
) -> None:
    make_master(master=cast.kim, room_id=group.pk, member_id=cast.sato.pk)
    block_external_user(member=cast.lee, person=cast.sato)
    with heard.listening():
        step_down(master=cast.sato, room_id=group.pk)
    told = {member: len(frames[0]["items"]) for member, frames in heard.by_member("room").items()}
    assert told == {cast.kim.pk: 1, cast.sato.pk: 1, cast.ito.pk: 1, cast.lee.pk: 0}
