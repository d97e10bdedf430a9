"""The companies, people and rooms of the histories."""

from dataclasses import dataclass

from accounts.models import Company, User
from federation.actions.switch import grant_members, set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.cast import make_company, make_member, make_members
from tests.decisions import set_member_grant


@dataclass
class World:
    """Three companies that have allowed each other, their people, and rooms of every kind."""

    companies: list[Company]
    admins: dict[int, User]
    people: dict[int, User]
    directs: list[Room]
    groups: list[Room]


def make_world() -> World:
    companies = [make_company(name) for name in ("alpha", "beta", "gamma")]
    admins = {company.pk: make_member(company, f"Admin {company.name}", is_administrator=True) for company in companies}
    staff = [make_members(company, [f"{company.name} {n}" for n in range(3)]) for company in companies]
    for company in companies:
        set_external_connection(company=company, allows=True, actor=None)
        grant_members(company=company, members=staff[companies.index(company)], actor=None)
        set_member_grant(company=company, grant_to="chosen", actor=None)
    (a, b, c), (d, e, f), (g, h, i) = staff
    directs = [open_direct_room(member=one, other=two) for one, two in ((a, b), (a, d), (d, g), (b, e), (a, g))]
    groups = [
        create_group_room(creator=a, members=[b, d, e, g], name="All"),
        create_group_room(creator=d, members=[e, f, a, b], name="Two"),
        create_group_room(creator=a, members=[b, c], name="Own"),
    ]
    people = {person.pk: person for person in (a, b, c, d, e, f, g, h, i)}
    return World(companies, admins, people, directs, groups)
