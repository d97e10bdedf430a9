"""The table "When a right ends": every kind of room, every cause, whoever closes, and all that follows from it."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.actions.members import deactivate_member
from contacts.actions.add import add_external_contact
from federation.actions.switch import set_external_connection
from messaging.access import messages_in
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, withdraw_from_room
from messaging.actions.masters import make_master
from messaging.frames import _presence, _typing
from messaging.models import Membership
from tests.constraints import check_constraints
from tests.decisions import decide
from tests.depth import SOAK, in_turn
from tests.heard import Capture
from tests.messaging.doors import DOORS, check_the_excluded_at_the_doors
from tests.messaging.rights import (
    CASES,
    COMPANY_OF,
    GROUPS,
    ONE_OF_EACH,
    STAFF,
    Case,
    Expected,
    World,
    administrator,
    carry_out,
    expected_of,
    host_of,
    prepare,
)
from tests.messaging.rights_judge import (
    check_direct_rooms,
    check_list_marks,
    check_pushes,
    check_rooms,
    check_the_excluded,
    check_the_rooms_go_on,
    check_what_each_sees,
    everything,
    list_marks,
    revisions,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_right_people_are_out_and_everything_follows(
    world: World, published: list[dict[str, Any]], django_capture_on_commit_callbacks: Capture, case: Case
) -> None:
    prepare(world, case)
    expected = expected_of(case)
    check_rooms(world, expected_of(Case("nothing", case.closer)), revisions(world))
    before, marks = revisions(world), list_marks(world)
    published.clear()
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(world, case)
        # All of it is there before the commit, and nobody has heard of it.
        check_rooms(world, expected, before)
        assert published == []
    check_list_marks(world, expected, marks)
    check_constraints()
    check_pushes(world, expected, before, published)
    look_everywhere(world, expected, case)


def look_everywhere(world: World, expected: Expected, case: Case) -> None:
    """Everything for one case of each cause, for the others some of it in turn; all the doors for one of them."""
    whole = SOAK or case in ONE_OF_EACH
    turn = CASES.index(case)
    doors = DOORS if case is ONE_OF_EACH[0] else in_turn(DOORS, turn, of=8)
    looks = (
        lambda: check_what_each_sees(world, expected),
        lambda: check_the_excluded(world, expected),
        lambda: check_direct_rooms(world, expected),
        lambda: check_the_excluded_at_the_doors(world, expected, doors),
        lambda: check_the_rooms_go_on(world, expected),
    )
    for look in looks if whole else (looks[turn % 5], looks[(turn + 2) % 5]):
        look()


class LastWriteError(Exception):
    """The last thing that an action writes could not be written."""


@dataclass
class Writes:
    """Counts what is written to the database, and fails at the write with the number `fails_at`."""

    fails_at: int = 0
    count: int = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.count += 1
            if self.count == self.fails_at:
                raise LastWriteError
        return execute(sql, params, many, context)


@pytest.mark.parametrize("case", [*ONE_OF_EACH, Case("administrator", "beta", members=("sato",))], ids=str)
def test_i09_what_fails_at_its_end_has_not_begun(world: World, case: Case) -> None:
    prepare(world, case)
    before = everything()

    def act() -> None:
        if case.cause != "administrator":
            return carry_out(world, case)
        row = Membership.objects.get(room=world.rooms["alpha+beta"], member=world.people["sato"])
        return withdraw_from_room(administrator=administrator(world, "sato"), membership=row)

    with connection.execute_wrapper(writes := Writes()), transaction.atomic():
        act()
        assert everything() != before
        transaction.set_rollback(True)
    assert everything() == before
    for fails_at in (writes.count, writes.count // 2):
        with pytest.raises(LastWriteError), connection.execute_wrapper(Writes(fails_at)):
            act()
        assert everything() == before, fails_at


@pytest.mark.parametrize("case", [Case("off", "alpha"), Case("denied", "beta", "gamma")], ids=str)
def test_i13_allowed_again_nothing_revives_and_who_is_added_again_starts_anew(world: World, case: Case) -> None:
    carry_out(world, case)
    expected = expected_of(case)
    company = world.companies[case.closer]
    before = everything()
    if case.cause == "off":
        set_external_connection(company=company, allows=True, actor=None)
    else:
        decide(company=company, partner=world.companies[case.partner], decision="policy", actor=None)
    after = everything()
    assert after["Link"] != before["Link"]
    assert [after[name] for name in ("Room", "Membership", "Message")] == [
        before[name] for name in ("Room", "Membership", "Message")
    ]
    key = next(key for key in GROUPS if expected.out.get(key))
    back = max(expected.out[key])
    master = world.people[expected.master(key)]
    if COMPANY_OF[back] != host_of(key):
        add_external_contact(member=master, person=world.people[back])
    add_members(master=master, room_id=world.rooms[key].pk, people=[world.people[back]], opens=True)
    assert [message.kind for message in messages_in(world.people[back], world.fresh(key))] == ["line"]
    assert world.fresh(key).is_external


def test_who_came_back_is_not_the_longest_standing(world: World) -> None:
    key = "alpha+beta+gamma"
    room, kim, han = world.rooms[key], world.people["kim"], world.people["han"]
    leave_room(member=han, room_id=room.pk)
    add_members(master=kim, room_id=room.pk, people=[han])
    deactivate_member(member=kim, actor=None)
    masters = Membership.objects.filter(room=room, ended_at=None, role="master", member__company=kim.company)
    assert [world.name_of(row.member_id) for row in masters] == ["lee"]


def test_one_right_after_the_other_ends(world: World) -> None:
    """A guest, then the other guest, then the hosting company's people: the room goes on as long as it can."""
    key = "alpha+beta+gamma"
    steps = [
        (Case("denied", "beta", "gamma"), ["kim", "han", "lee", "tran", "bao"], True, False),
        (Case("deactivated", "alpha", members=("kim",)), ["han", "lee", "tran", "bao"], True, False),
        (Case("off", "alpha"), ["han", "lee"], False, False),
    ]
    for case, staying, external, frozen in steps:
        carry_out(world, case)
        check_constraints()
        room = world.fresh(key)
        live = Membership.objects.filter(room=room, ended_at=None)
        assert {world.name_of(row.member_id) for row in live} == set(staying), case
        assert (room.is_external, room.frozen_at is not None) == (external, frozen), case
        masters = [world.name_of(row.member_id) for row in live if row.role == "master"]
        assert masters == staying[:1], case
    other = "beta+gamma+alpha"
    carry_out(world, Case("nobody chosen", "beta"))
    check_constraints()
    # gamma went with the link, alpha with its own switch: the room is internal, and the grant does not matter to it.
    live = Membership.objects.filter(room=world.rooms[other], ended_at=None)
    assert {world.name_of(row.member_id) for row in live} == set(STAFF["beta"])
    assert (world.fresh(other).frozen_at, world.fresh(other).is_external) == (None, False)


@pytest.mark.parametrize(
    "case", [Case("denied", "alpha", "beta"), Case("off", "beta"), Case("member", "alpha", members=("kim",))], ids=str
)
def test_i05_nobody_is_shown_online_in_a_frozen_room(
    world: World, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Presence does not cross a connection that has ended; nor does typing."""
    monkeypatch.setattr("messaging.frames.online", set)
    room, kim, sato = world.rooms["kim-sato"], world.people["kim"], world.people["sato"]
    both = [kim.pk, sato.pk]
    assert set(_presence(kim.pk, room.pk, both)["online"]) >= {sato.pk}
    prepare(world, case)
    carry_out(world, case)
    published.clear()
    for person, other in ((kim, sato), (sato, kim)):
        _typing(person.pk, room.pk)
        assert other.pk not in _presence(person.pk, room.pk, both)["online"]
    assert published == []


def test_i23_a_deactivated_master_beside_another_one_moves_the_rooms_revision(world: World) -> None:
    """Nobody has to follow them, but pages that show who is Master have to find out."""
    room, kim, han = world.rooms["alpha"], world.people["kim"], world.people["han"]
    make_master(master=kim, room_id=room.pk, member_id=han.pk)
    before = world.fresh("alpha").rev
    deactivate_member(member=kim, actor=None)
    masters = Membership.objects.filter(room=room, ended_at=None, role="master")
    assert [row.member_id for row in masters] == [han.pk]
    assert world.fresh("alpha").rev > before
