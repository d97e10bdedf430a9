"""Every way in which a right ends, the rooms it is tried on, and what product.md's table says of each."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import uuid4

from accounts.actions.members import deactivate_member
from accounts.models import Company, Department, User
from contacts.actions.block import block_external_user
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.message.row import MessageRow
from messaging.models import Membership, Room
from tests.cast import make_cast, make_company, make_member
from tests.decisions import change_department, decide, set_member_grant, set_partner_rule
from tests.depth import in_turn
from tests.snapshot import Kept

# Each company's people, the longest-standing first. Their ids are in another order.
STAFF = {
    "alpha": ("kim", "han", "lee"),
    "beta": ("sato", "abe", "ito"),
    "gamma": ("tran", "bao", "linh"),
    "delta": ("dora", "dirk", "dana"),
}
COMPANY_OF = {name: company for company, names in STAFF.items() for name in names}
CLOSERS = ("alpha", "beta", "gamma")
# The hosting company first, then the guests. Alone: an internal room.
GROUPS = (
    "alpha+beta+gamma",
    "beta+gamma+alpha",
    "gamma+alpha+beta",
    "delta+alpha+beta+gamma",
    "alpha+beta",
    "beta+gamma",
    "gamma+alpha",
    "alpha",
    "beta",
    "gamma",
)
PAIRS = ("kim-sato", "kim-tran", "sato-tran", "han-abe", "kim-dora", "sato-dora", "tran-dora", "kim-lee")
# Who of a room is put out when a link closes, by where the company that closed it and the other one are in the room.
LINK_CLOSED = {
    ("host", "guest"): "the other",
    ("guest", "host"): "who closed",
    ("guest", "guest"): "who closed",
}


@dataclass(frozen=True)
class Case:
    """One way in which a right ends: the cause, the company that acts, and the partner or the members it is about."""

    cause: str
    closer: str
    partner: str = ""
    members: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "-".join([self.cause, self.closer, *filter(None, [self.partner]), *self.members])

    @property
    def closed(self) -> tuple[str, ...]:
        """The companies with which the link closes."""
        if self.partner:
            return (self.partner,)
        return tuple(name for name in STAFF if name != self.closer) if self.cause in ("off", "approved") else ()

    @property
    def lost(self) -> tuple[str, ...]:
        """The members who lose the right themselves, while the company keeps it."""
        return STAFF[self.closer] if self.cause == "nobody chosen" else self.members


FIRSTS = [(company, STAFF[company][0]) for company in CLOSERS]
OTHERS = [("alpha", "han"), ("gamma", "bao")]
ALL_CASES = [
    *(Case("off", closer) for closer in CLOSERS),
    *(Case("approved", closer) for closer in CLOSERS),
    *(Case("denied", closer, partner) for closer in CLOSERS for partner in CLOSERS if closer != partner),
    *(
        Case("not approved", closer, partner)
        for closer, partner in zip(CLOSERS, CLOSERS[1:] + CLOSERS[:1], strict=True)
    ),
    *(Case("nobody chosen", closer) for closer in CLOSERS),
    *(Case("member", company, members=(name,)) for company, name in [*FIRSTS, *OTHERS]),
    *(Case("department", company, members=STAFF[company][:2]) for company in CLOSERS),
    *(Case("moved", company, members=(name,)) for company, name in FIRSTS),
    *(Case("deactivated", company, members=(name,)) for company, name in [*FIRSTS, *OTHERS]),
]
# A third of them, so that each cause and each closer is among them; all in a soak.
CASES = in_turn(ALL_CASES, 0, of=3)
assert {case.cause for case in CASES} == {case.cause for case in ALL_CASES}
assert {case.closer for case in CASES} == {case.closer for case in ALL_CASES}
ONE_OF_EACH = list({case.cause: case for case in CASES}.values())


@dataclass
class World:
    """Four linked companies, their people, and rooms of every kind, each with something said in it."""

    companies: dict[str, Company]
    people: dict[str, User]
    rooms: dict[str, Room]
    said: dict[str, list[str]] = field(default_factory=dict)
    # Of how many of them somebody has said that they have read them.
    read: dict[tuple[str, str], int] = field(default_factory=dict)

    def name_of(self, pk: int) -> str:
        return next(name for name, person in self.people.items() if person.pk == pk)

    def key_of(self, pk: int) -> str:
        return next(key for key, room in self.rooms.items() if room.pk == pk)

    def fresh(self, key: str) -> Room:
        return Room.objects.get(pk=self.rooms[key].pk)

    def fresh_rooms(self) -> dict[str, Room]:
        rooms = Room.objects.in_bulk()
        return {key: rooms[room.pk] for key, room in self.rooms.items()}


def inside(key: str) -> list[str]:
    """Who is in a room at first, the longest-standing first."""
    if "-" in key:
        return key.split("-")
    host, *guests = key.split("+")
    return [*STAFF[host], *(name for guest in guests for name in STAFF[guest][:2])]


def host_of(key: str) -> str:
    """The hosting company of a group room."""
    return key.split("+", maxsplit=1)[0]


def guest_master(key: str) -> set[str]:
    """The first guest shares mastership, so that a guest is never mistaken for the hosting company's Master."""
    return {STAFF[guest][0] for guest in key.split("+")[1:2]}


def make_world() -> World:
    """Make them all, with the product's own actions."""
    cast = make_cast()
    companies = {"alpha": cast.alpha, "beta": cast.beta, "gamma": cast.gamma, "delta": make_company("delta")}
    people = {"kim": cast.kim, "lee": cast.lee, "sato": cast.sato, "ito": cast.ito, "tran": cast.tran}
    for name in ("dora", "han", "abe", "linh", "bao", "dana", "dirk"):
        people[name] = make_member(companies[COMPANY_OF[name]], name.title())
    for company in ("gamma", "delta"):
        set_external_connection(company=companies[company], allows=True, actor=None)
    found = World(companies, people, {})
    for key in GROUPS:
        first, *others = (people[name] for name in inside(key))
        found.rooms[key] = create_group_room(creator=first, members=others, name=f"Room of {key}")
    for key in PAIRS:
        one, other = (people[name] for name in key.split("-"))
        found.rooms[key] = open_direct_room(member=one, other=other)
    for key in GROUPS:
        masters = [people[name].pk for name in guest_master(key)]
        Membership.objects.filter(room=found.rooms[key], member__in=masters).update(role="master")
    block_external_user(member=people["abe"], person=people["kim"])
    say(found, {key: [inside(key)[0], inside(key)[-1], inside(key)[1]] for key in (*GROUPS, *PAIRS)})
    return found


kept_world = Kept(make_world)


def administrator(world: World, name: str) -> User:
    """The administrator of a member's company."""
    return User.objects.get(company=world.companies[COMPANY_OF[name]], is_administrator=True)


def say(world: World, said: dict[str, list[str]]) -> None:
    """Each of these people says something in these rooms, one after the other."""
    drafts = [
        Draft(world.rooms[key].pk, world.people[author].pk, uuid4(), f"{author} in {key}")
        for key, authors in said.items()
        for author in authors
    ]
    for outcome in send_messages(drafts):
        assert isinstance(outcome, MessageRow), outcome
    for key, authors in said.items():
        world.said[key] = world.said.get(key, []) + authors


def unread(world: World, key: str, name: str) -> int:
    """The unread messages: those of others after the member last wrote or read, except from people they blocked."""
    waiting = 0
    for author in world.said[key][world.read.get((key, name), 0) :]:
        waiting = 0 if author == name else waiting + ((name, author) != ("abe", "kim"))
    return waiting


@dataclass
class Expected:
    """What is true afterwards: who is out of which group room, and which 1:1 rooms are frozen."""

    out: dict[str, set[str]]
    frozen: set[str]
    inactive: set[str] = field(default_factory=set)

    def staying(self, key: str) -> list[str]:
        """Who is still in, the longest-standing first."""
        return [name for name in inside(key) if name not in self.out.get(key, set())]

    def hosts(self, key: str) -> list[str]:
        return [name for name in self.staying(key) if COMPANY_OF[name] == host_of(key)]

    def is_frozen(self, key: str) -> bool:
        return key in self.frozen if "-" in key else not self.hosts(key)

    def is_external(self, key: str) -> bool:
        if "-" in key:
            return len({COMPANY_OF[name] for name in inside(key)}) > 1
        return any(COMPANY_OF[name] != host_of(key) for name in self.staying(key))

    def master(self, key: str) -> str:
        """The hosting company's Master: the first one, or the longest-standing active one who is left."""
        return next((name for name in self.hosts(key) if name not in self.inactive), "")

    def lines(self, key: str) -> list[set[str]]:
        """The people named in new system messages: one for each company, the new Master, and the end of the hosts."""
        if "-" in key:
            return [set()] if key in self.frozen else []
        by_company: defaultdict[str, set[str]] = defaultdict(set)
        for name in self.out.get(key, ()):
            by_company[COMPANY_OF[name]].add(name)
        found = list(by_company.values())
        if self.is_frozen(key):
            found.append(set())
        elif self.master(key) != inside(key)[0]:
            found.append({self.master(key)})
        # Whoever is deactivated stays in an internal room, but not as its Master.
        return found + [{name} for name in inside(key)[:1] if name in self.inactive & set(self.staying(key))]


def expected_of(case: Case) -> Expected:
    """What the table says of a case."""
    groups = [key for key in GROUPS if "+" in key]
    frozen = {key for key in PAIRS if _parts(case, key)}
    inactive = set(case.members) if case.cause == "deactivated" else set()
    return Expected({key: _out_of(case, key) for key in groups}, frozen, inactive)


def _parts(case: Case, key: str) -> bool:
    people = inside(key)
    companies = {COMPANY_OF[name] for name in people}
    links = [{case.closer, partner} for partner in case.closed]
    return len(companies) > 1 and (companies in links or bool(set(people) & set(case.lost)))


def _out_of(case: Case, key: str) -> set[str]:
    people = set(inside(key))
    if case.lost:
        return people & set(case.lost)
    host, *guests = key.split("+")
    place = {host: "host"} | dict.fromkeys(guests, "guest")
    gone: set[str] = set()
    for partner in case.closed:
        if case.closer in place and partner in place:
            who = LINK_CLOSED[place[case.closer], place[partner]]
            gone |= {name for name in people if COMPANY_OF[name] == (partner if who == "the other" else case.closer)}
    return gone


def prepare(world: World, case: Case) -> None:
    """Bring the companies to where the case begins, without anybody losing anything."""
    company, staff = world.companies[case.closer], STAFF[case.closer]
    if case.cause == "not approved":
        for partner in STAFF:
            if partner not in (case.closer, case.partner):
                decide(company=company, partner=world.companies[partner], decision="allow", actor=None)
    if case.cause in ("member", "department", "moved"):
        docks = Department.objects.create(company=company, name="Docks")
        single = staff
        if case.cause != "member":
            User.objects.filter(pk__in=[world.people[name].pk for name in case.members]).update(department=docks)
            single = tuple(name for name in staff if name not in case.members)
            grant_members(company=company, departments=[docks], actor=None)
        grant_members(company=company, members=[world.people[name] for name in single], actor=None)
        set_member_grant(company=company, grant_to="chosen", actor=None)


def carry_out(world: World, case: Case) -> None:
    """Let the right end."""
    company = world.companies[case.closer]
    members = [User.objects.get(pk=world.people[name].pk) for name in case.members]
    match case.cause:
        case "off":
            set_external_connection(company=company, allows=False, actor=None)
        case "approved" | "not approved":
            set_partner_rule(company=company, rule="approved", actor=None)
        case "denied":
            decide(company=company, partner=world.companies[case.partner], decision="deny", actor=None)
        case "nobody chosen":
            set_member_grant(company=company, grant_to="chosen", actor=None)
        case "member":
            withdraw_members(company=company, members=members, actor=None)
        case "department":
            withdraw_members(company=company, departments=Department.objects.filter(company=company), actor=None)
        case "moved":
            change_department(member=members[0], department=None, actor=None)
        case "deactivated":
            deactivate_member(member=members[0], actor=None)
        case _:
            raise ValueError(case.cause)
