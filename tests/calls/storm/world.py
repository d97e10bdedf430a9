"""The companies, people and rooms that the storm goes over."""

from uuid import uuid4

from accounts.models import User
from federation.actions.switch import grant_members, set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Membership, Room
from tests.cast import Cast, make_members
from tests.decisions import set_member_grant


class World:
    """Three companies that have allowed each other, a few people of each, and rooms of both kinds."""

    def __init__(self, cast: Cast) -> None:
        self.companies = [cast.alpha, cast.beta, cast.gamma]
        self.staff = [make_members(company, [f"{company.name} {n}" for n in range(4)]) for company in self.companies]
        self.people = [person for staff in self.staff for person in staff]
        for company, staff in zip(self.companies, self.staff, strict=True):
            set_external_connection(company=company, allows=True, actor=None)
            set_member_grant(company=company, grant_to="chosen", actor=None)
            grant_members(company=company, members=staff, actor=None)
        a, b, c = self.staff
        # 1:1 rooms with lower and with higher numbers than the group rooms.
        self.directs = [open_direct_room(member=one, other=two) for one, two in ((a[0], b[0]), (b[1], c[0]))]
        self.groups = [self._group(number) for number in range(3)]
        pairs = ((a[1], b[1]), (a[0], c[0]), (b[0], c[1]), (a[0], a[1]), (a[2], b[2]))
        self.directs += [open_direct_room(member=one, other=two) for one, two in pairs]
        self.devices = {person.pk: uuid4() for person in self.people}

    def _group(self, number: int) -> Room:
        host, *guests = self.staff[number:] + self.staff[:number]
        people = [*host[1:3], *(person for staff in guests for person in staff[:2])]
        return create_group_room(creator=host[0], members=people, name=f"Room {number}")

    @property
    def rooms(self) -> list[Room]:
        return [*self.directs, *self.groups]

    def inside(self, room: Room) -> list[User]:
        live = Membership.objects.filter(room=room, ended_at=None, member__is_active=True)
        return [row.member for row in live.select_related("member__company")] or self.people
