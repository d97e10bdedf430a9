"""Group rooms: 500 members of 25 companies, a hundred people who come, and a company that is put out of 50 rooms."""

from accounts.models import User
from contacts.models import ExternalContact
from federation.actions.switch import set_external_connection
from messaging.access import room_of
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import remove_member
from messaging.conversation import latest, view_room
from messaging.details import members_page
from messaging.models import Membership, Room
from tests.benchmarks.measure import measure, measure_prepared
from tests.cast import Cast, make_company, make_member

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
    _adding(cast, colleagues, outside)
    _opening(cast)
    _excluding(cast, colleagues)


def _outside(cast: Cast) -> list[list[User]]:
    """The people of 24 other companies, all of which have allowed external connection; Kim knows them."""
    found = []
    for number in range(COMPANIES - 1):
        company = make_company(f"partner{number}")
        set_external_connection(company=company, allows=True, actor=None)
        people = [make_member(company, f"Partner {number} {n}") for n in range(15)]
        ExternalContact.objects.bulk_create([ExternalContact(owner=cast.kim, person=one) for one in people])
        found.append(people)
    return found


def _mixed(colleagues: list[User], outside: list[list[User]], number: int) -> list[User]:
    guests = [person for people in outside for person in people][: number // 2]
    return [*guests, *colleagues[: number - len(guests)]]


def _adding(cast: Cast, colleagues: list[User], outside: list[list[User]]) -> None:
    room = create_group_room(creator=cast.kim, members=_mixed(colleagues, outside, 300), name="Grows")
    one, hundred = colleagues[400:401], colleagues[400:500]

    def clear() -> None:
        for person in hundred:
            if Membership.objects.filter(room=room, member=person, ended_at=None).exists():
                remove_member(master=cast.kim, room_id=room.pk, member_id=person.pk)

    for name, people in (
        ("baseline: add one person to a room of 300", one),
        ("add 100 people to a room of 300", hundred),
    ):
        measure_prepared(
            name,
            clear,
            lambda people=people: add_members(master=cast.kim, room_id=room.pk, people=people),  # type: ignore[misc]
        )
    print()


def _opening(cast: Cast) -> None:
    for name, part in (("baseline: open a room of 50", "Few"), ("open a room of 500", "Many")):
        room = room_of(cast.kim, Room.objects.filter(name=part).latest("pk").pk)
        measure(name, lambda room=room: (view_room(cast.kim, room), latest(cast.kim, room, 0)))  # type: ignore[misc]
        measure(f"  its member list, first page ({part.lower()})", lambda room=room: members_page(cast.kim, room))  # type: ignore[misc]
    print()


def _excluding(cast: Cast, colleagues: list[User]) -> None:
    company = make_company("leaves")
    people = [make_member(company, f"Leaving {n}") for n in range(100)]

    def prepare(rooms: int) -> None:
        set_external_connection(company=company, allows=True, actor=None)
        known = ExternalContact.objects.filter(owner=cast.kim, person__company=company)
        known.delete()
        ExternalContact.objects.bulk_create([ExternalContact(owner=cast.kim, person=one) for one in people])
        for number in range(rooms):
            create_group_room(creator=cast.kim, members=[*colleagues[:5], *people], name=f"Room {number}")

    def close() -> None:
        set_external_connection(company=company, allows=False, actor=None)

    measure_prepared("baseline: exclude a company of 100 from 5 rooms", lambda: prepare(5), close)
    measure_prepared("exclude a company of 100 from 50 rooms", lambda: prepare(50), close)
    left = Membership.objects.filter(member__company=company, ended_at=None).count()
    print(f"  memberships of the excluded company left: {left}\n")
