"""Twenty people of two companies in ten rooms, four in each, and the pages they have open."""

from dataclasses import dataclass, field

from accounts.models import User
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from tests.cast import Cast, make_member, signed_in
from tests.faults.pace import QUICK, Pace
from tests.faults.page import Page

PEOPLE = 20
IN_A_ROOM = 4


@dataclass
class World:
    """Who is in which rooms, and with which session."""

    rooms_of: dict[User, list[int]] = field(default_factory=dict)
    sessions: dict[User, str] = field(default_factory=dict)

    def come(self, person: User) -> None:
        """`person` signs in."""
        self.rooms_of[person] = []
        self.sessions[person] = str(signed_in(person).session.session_key)

    def page(self, person: User, origin: str, pace: Pace = QUICK) -> Page:
        """A page of `person` with all their rooms open."""
        return Page(origin, self.sessions[person], self.rooms_of[person], pace)

    def pages(self, origin: str, *, each: int = 2, pace: Pace = QUICK) -> list[Page]:
        """So many pages for each person."""
        return [self.page(person, origin, pace) for _ in range(each) for person in self.rooms_of]


def make_groups(cast: Cast, people: int = PEOPLE) -> World:
    """Each person is in two rooms with three others, half of them of the other company."""
    world = World()
    everyone = [make_member((cast.alpha, cast.beta)[n % 2], f"Person {n}") for n in range(people)]
    for person in everyone:
        world.come(person)
    for first in range(0, people, 2):
        members = [everyone[(first + n) % people] for n in range(IN_A_ROOM)]
        for person in members[1:]:
            if person.company != members[0].company:
                open_direct_room(member=members[0], other=person)
        room = create_group_room(creator=members[0], members=members[1:], name=f"Room {first}")
        for person in members:
            world.rooms_of[person].append(room.pk)
    return world


def make_pairs(cast: Cast, pairs: int) -> World:
    """So many 1:1 rooms across the companies, with no one in two of them."""
    world = World()
    for number in range(pairs):
        one = make_member(cast.alpha, f"Alpha {number}")
        two = make_member(cast.beta, f"Beta {number}")
        room = open_direct_room(member=one, other=two)
        for person in (one, two):
            world.come(person)
            world.rooms_of[person].append(room.pk)
    return world
