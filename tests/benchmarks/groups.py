"""Group rooms: 500 members of 25 companies, a hundred people who come, and a company that is put out of them."""

from accounts.models import User
from contacts.models import ExternalContact
from federation.actions.switch import set_external_connection
from messaging.access import room_of
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import remove_member
from messaging.models import Membership, Room
from messaging.pages.conversation import latest, view_room
from messaging.pages.members import members_page
from tests.benchmarks.measure import measure, measure_prepared
from tests.cast import Cast, make_company, make_members

MEMBERS = 500
COMPANIES = 25


def groups(cast: Cast, colleagues: list[User]) -> None:
    """Each with a tenth of the people first, as its baseline."""
    outside = _outside(cast)
    everyone = _mixed(colleagues, outside, MEMBERS - 1)
    few = measure(
        "baseline: create a room of 50 in 3 companies",
        lambda: create_group_room(creator=cast.kim, members=_mixed(colleagues, outside[:2], 49), name="Few"),
        50,
    )
    many = measure(
        "create a room of 500 in 25 companies",
        lambda: create_group_room(creator=cast.kim, members=everyone, name="Many"),
        MEMBERS,
    )
    print(f"  for each member {many / few:.1f} times as long\n")
    _adding(cast, everyone)
    _opening(cast)
    _excluding(cast, everyone, colleagues)


def _outside(cast: Cast) -> list[list[User]]:
    """The people of 24 other companies, all of which have allowed external connection; Kim knows them."""
    found = []
    for number in range(COMPANIES - 1):
        company = make_company(f"partner{number}")
        set_external_connection(company=company, allows=True, actor=None)
        people = make_members(company, [f"Partner {number} {n}" for n in range(15)])
        ExternalContact.objects.bulk_create([ExternalContact(owner=cast.kim, person=one) for one in people])
        found.append(people)
    return found


def _mixed(colleagues: list[User], outside: list[list[User]], number: int) -> list[User]:
    guests = [person for people in outside for person in people][: number // 2]
    return [*guests, *colleagues[: number - len(guests)]]


def _adding(cast: Cast, everyone: list[User]) -> None:
    """A hundred people who come into a room that is full then, and the last one who comes into it."""
    few = _add(cast, "baseline: add 10 people to a room of 40", everyone[:490:10], 10)
    many = _add(cast, "add 100 people to a room of 400", everyone, 100)
    print(f"  ten times the people in ten times as large a room take {many / few:.1f} times as long\n")
    _add(cast, "add one person to a room of 499", everyone, 1)
    print()


def _add(cast: Cast, name: str, people: list[User], number: int) -> float:
    """So many of the people come when the others are in the room; the milliseconds it takes."""
    coming = people[:: len(people) // number][:number]
    staying = [person for person in people if person not in coming]
    room = create_group_room(creator=cast.kim, members=staying, name="Grows")

    def clear() -> None:
        for row in Membership.objects.filter(room=room, member__in=coming, ended_at=None):
            remove_member(master=cast.kim, room_id=room.pk, member_id=row.member_id)

    def add() -> None:
        assert len(add_members(master=cast.kim, room_id=room.pk, people=coming)) == number

    return measure_prepared(name, clear, add)


def _opening(cast: Cast) -> None:
    for name, part in (("baseline: open a room of 50", "Few"), ("open a room of 500", "Many")):
        room = room_of(cast.kim, Room.objects.filter(name=part).latest("pk").pk)
        measure(name, lambda room=room: (view_room(cast.kim, room), latest(cast.kim, room, 0)))  # type: ignore[misc]
        measure(f"  its member list, first page ({part.lower()})", lambda room=room: members_page(cast.kim, room))  # type: ignore[misc]
    print()


def _excluding(cast: Cast, everyone: list[User], colleagues: list[User]) -> None:
    """A tenth of the people of a tenth as large a room, or all of them of a tenth of the rooms, as the baseline."""
    few, people = _people("fewleave", 10), _people("leaves", 100)
    one = _exclude(cast, "baseline: exclude a company of 10 from a room of 50", few, everyone[:390:10], 1)
    full = _exclude(cast, "exclude a company of 100 from a room of 500", people, everyone[: MEMBERS - 101], 1)
    print(f"  ten times the people in ten times as large a room take {full / one:.1f} times as long\n")
    some = _exclude(cast, "baseline: exclude a company of 100 from 5 rooms", people, colleagues[:5], 5)
    all_ = _exclude(cast, "exclude a company of 100 from 50 rooms", people, colleagues[:5], 50)
    print(f"  ten times the rooms take {all_ / some:.1f} times as long")
    left = Membership.objects.filter(member__in=[*few, *people], ended_at=None).count()
    print(f"  memberships of the excluded companies left: {left}\n")


def _people(name: str, number: int) -> list[User]:
    company = make_company(name)
    return make_members(company, [f"{name} {n}" for n in range(number)])


def _exclude(cast: Cast, name: str, people: list[User], others: list[User], rooms: int) -> float:
    """All people of a company leave so many rooms, in which they are with Kim and the others; the milliseconds."""
    company = people[0].company
    assert company is not None

    def prepare() -> None:
        set_external_connection(company=company, allows=True, actor=None)
        ExternalContact.objects.filter(owner=cast.kim, person__in=people).delete()
        ExternalContact.objects.bulk_create([ExternalContact(owner=cast.kim, person=one) for one in people])
        for number in range(rooms):
            create_group_room(creator=cast.kim, members=[*others, *people], name=f"Room {number}")

    return measure_prepared(name, prepare, lambda: set_external_connection(company=company, allows=False, actor=None))
