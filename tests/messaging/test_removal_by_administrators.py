"""An administrator takes their own people out of group rooms: who is out, and all that follows from it."""

from typing import Any

import pytest

from messaging.actions.leaving import withdraw_from_room
from messaging.models import Membership, Message
from tests.constraints import check_constraints
from tests.depth import in_turn
from tests.heard import Capture
from tests.messaging.doors import DOORS, check_the_excluded_at_the_doors
from tests.messaging.rights import Expected, World, administrator, guest_master
from tests.messaging.rights_judge import (
    check_the_rooms_go_on,
    check_what_each_sees,
    everything,
    frames_of,
    ids,
    revisions,
)
from worksbridge.errors import NotFound

pytestmark = pytest.mark.django_db

WITHDRAWN = [
    ("alpha+beta+gamma", ("kim",)),
    ("alpha+beta+gamma", ("kim", "han")),
    ("alpha+beta+gamma", ("lee",)),
    ("alpha+beta+gamma", ("kim", "han", "lee")),
    ("alpha+beta+gamma", ("sato",)),
    ("alpha+beta+gamma", ("tran", "bao")),
    ("alpha+beta", ("sato", "abe")),
    ("delta+alpha+beta+gamma", ("abe",)),
    ("alpha", ("kim",)),
    ("alpha", ("kim", "han", "lee")),
]


@pytest.mark.parametrize(
    ("key", "names"),
    in_turn(WITHDRAWN, 1, of=2),
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_an_administrators_removal(
    world: World,
    published: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Capture,
    key: str,
    names: tuple[str, ...],
) -> None:
    room = world.rooms[key]
    for number, name in enumerate(names):
        before = revisions(world)
        published.clear()
        membership = Membership.objects.get(room=room, member=world.people[name])
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_from_room(administrator=administrator(world, name), membership=membership)
        check_constraints()
        gone = [(to, frame["room"]) for to, frame in frames_of(published, "gone")]
        assert gone == [({world.people[name].pk}, room.pk)]
        told = [(to, frame["room"], frame["refresh"]) for to, frame in frames_of(published, "room")]
        staying = Expected({key: set(names[: number + 1])}, set()).staying(key)
        assert told == ([(ids(world, staying), room.pk, True)] if staying else [])
        assert {other: world.fresh(other).rev for other in world.rooms if other != key} == {
            other: rev for other, rev in before.items() if other != key
        }
    expected = Expected({key: set(names)}, set())
    assert Membership.objects.filter(room=room, ended_at__isnull=False, ended_reason="administrator").count() == len(
        names
    )
    check_members(world, expected, key)
    check_what_each_sees(world, expected)
    if expected.staying(key):
        check_the_excluded_at_the_doors(world, expected, DOORS[number::3])
        check_the_rooms_go_on(world, expected)


def check_members(world: World, expected: Expected, key: str) -> None:
    """Who is in, who is Master, whether the room is external or frozen, and revisions without a gap."""
    room = world.fresh(key)
    rows = list(Membership.objects.filter(room=room, ended_at=None))
    assert {world.name_of(row.member_id) for row in rows} == set(expected.staying(key))
    masters = {world.name_of(row.member_id) for row in rows if row.role == "master"}
    assert masters == {expected.master(key), *(guest_master(key) & set(expected.staying(key)))} - {""}
    assert (room.is_external, room.frozen_at is not None) == (
        expected.is_external(key),
        bool(expected.staying(key)) and expected.is_frozen(key),
    )
    seqs = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, room.rev + 1))


def test_an_administrator_removes_their_own_people_from_group_rooms_only(world: World) -> None:
    before = everything()
    room, direct = world.rooms["alpha+beta+gamma"], world.rooms["kim-sato"]
    kim, sato = (Membership.objects.get(room=room, member=world.people[name]) for name in ("kim", "sato"))
    for membership, other in ((kim, "sato"), (sato, "kim"), (sato, "tran")):
        with pytest.raises(NotFound):
            withdraw_from_room(administrator=administrator(world, other), membership=membership)
    for name in ("kim", "sato"):
        mine = Membership.objects.get(room=direct, member=world.people[name])
        withdraw_from_room(administrator=administrator(world, name), membership=mine)
    assert everything() == before
    withdraw_from_room(administrator=administrator(world, "sato"), membership=sato)
    once = everything()
    assert once != before
    withdraw_from_room(administrator=administrator(world, "sato"), membership=sato)
    assert everything() == once
