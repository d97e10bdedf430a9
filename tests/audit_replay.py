"""What follows from a company's audit log alone, replayed from its first entry, and whether the tables say the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.audit.verifying import verify
from accounts.models import AuditEntry, Company
from contacts.models import ExternalContact
from federation.models import ExternalPolicy, Link, MemberGrant
from messaging.models import Membership, Room

Data = dict[str, Any]
NO_POLICY = {"allows": False, "grant_to": "all", "partner_rule": "any"}


@dataclass
class State:
    """The state of one company: who is in which group room, and what it has allowed."""

    # (room, member) for its own people, and for everyone in the rooms it hosts.
    memberships: set[tuple[int, int]] = field(default_factory=set)
    # (owner, person), where one of the two is its own.
    contacts: set[tuple[int, int]] = field(default_factory=set)
    # The 1:1 rooms with external people that can only be read.
    frozen: set[int] = field(default_factory=set)
    grants: set[tuple[str, int]] = field(default_factory=set)
    policy: dict[str, Any] = field(default_factory=lambda: dict(NO_POLICY))
    decisions: dict[int, str] = field(default_factory=dict)
    links: set[int] = field(default_factory=set)


def recorded(company: Company) -> State:
    """The state that the company's log says there is."""
    state, hosted = State(), set()
    people = set(company.members.values_list("pk", flat=True))
    entries = AuditEntry.objects.filter(company=company).order_by("seal__number", "pk")
    for event, data in entries.values_list("event", "data"):
        if event == "room.created" and data["hosting"] == company.pk:
            hosted.add(data["room"])
        if event in EVENTS:
            EVENTS[event](state, data)
    state.memberships = {(room, member) for room, member in state.memberships if room in hosted or member in people}
    return state


def stored(company: Company) -> State:
    """The state that the tables say there is."""
    inside = Membership.objects.filter(ended_at=None, room__kind=Room.Kind.GROUP)
    contacts = ExternalContact.objects.filter(closed_at=None)
    rooms = Room.objects.filter(kind=Room.Kind.DIRECT, frozen_at__isnull=False)
    grants = MemberGrant.objects.filter(company=company).values_list("member_id", "department_id")
    links = list(Link.objects.filter(Q(company_a=company) | Q(company_b=company)))
    sides = {link.partner_id(company.pk): link.side(company.pk) for link in links}
    policy = ExternalPolicy.objects.filter(company=company).values(*NO_POLICY).first()
    return State(
        memberships=set(
            inside.filter(Q(member__company=company) | Q(room__hosting_company=company)).values_list("room", "member")
        ),
        contacts=set(
            contacts.filter(Q(owner__company=company) | Q(person__company=company)).values_list("owner", "person")
        ),
        frozen=set(rooms.filter(Q(low__company=company) | Q(high__company=company)).values_list("pk", flat=True)),
        grants={("member", member) if member else ("department", part) for member, part in grants},
        policy=policy or dict(NO_POLICY),
        decisions={partner: side.decision for partner, side in sides.items() if side.decision != "policy"},
        links={link.partner_id(company.pk) for link in links if link.is_open},
    )


def assert_explained() -> None:
    """Every company's log is as it was written, and explains each consent and membership that there is."""
    for company in Company.objects.order_by("pk"):
        assert verify(company.pk).problems == [], company
        assert recorded(company) == stored(company), company


def _came(state: State, data: Data) -> None:
    state.memberships |= {(data["room"], member) for member in data["members"]}


def _went(state: State, data: Data) -> None:
    state.memberships.discard((data["room"], data["member"]))


def _pairs(data: Data) -> set[tuple[int, int]]:
    return {(int(room), member) for room, members in data["rooms"].items() for member in members}


def _excluded(state: State, data: Data) -> None:
    state.memberships -= _pairs(data)


def _back(state: State, data: Data) -> None:
    state.memberships |= _pairs(data)


def _frozen(state: State, data: Data) -> None:
    # A group room that nobody of its hosting company is left in is frozen as well; who is in it stays in it.
    if data["reason"] != "no_host":
        state.frozen |= set(data["rooms"])


def _thawed(state: State, data: Data) -> None:
    state.frozen -= set(data.get("rooms", ())) | {data.get("room", 0)}


def _contact(state: State, data: Data) -> None:
    state.contacts.add((data["member"], data["person"]))


def _closed(state: State, data: Data) -> None:
    state.contacts -= {tuple(pair) for pair in data["contacts"]}


def _restored(state: State, data: Data) -> None:
    state.contacts |= {tuple(pair) for pair in data["contacts"]}


def _named(data: Data) -> set[tuple[str, int]]:
    members = {("member", pk) for pk in data.get("members", ())}
    return members | {("department", pk) for pk in data.get("departments", ())}


def _granted(state: State, data: Data) -> None:
    state.grants |= _named(data)


def _withdrawn(state: State, data: Data) -> None:
    state.grants -= _named(data)


def _policy(state: State, data: Data) -> None:
    state.policy |= data["after"]


def _decided(state: State, data: Data) -> None:
    _decide(state, data["partner"], data["after"])


def _decide(state: State, partner: int, decided: Data) -> None:
    state.decisions.pop(partner, None)
    if decided["decision"] != "policy":
        state.decisions[partner] = decided["decision"]


def _undone(state: State, data: Data) -> None:
    for name, value in data["after"].items():
        if name == "grants":
            state.grants |= _named(value)
        elif name in NO_POLICY:
            state.policy[name] = value
        else:
            _decide(state, int(name.rpartition(" ")[2]), value)


def _opened(state: State, data: Data) -> None:
    state.links |= set(data["partners"])


def _shut(state: State, data: Data) -> None:
    state.links -= set(data["partners"])


def _department_gone(state: State, data: Data) -> None:
    state.grants.discard(("department", data["department"]))


EVENTS: dict[str, Callable[[State, Data], None]] = {
    "room.created": _came,
    "room.members_added": _came,
    "room.member_left": _went,
    "room.member_removed": _went,
    "room.member_withdrawn": _went,
    "room.excluded": _excluded,
    "room.members_restored": _back,
    "room.frozen": _frozen,
    "room.restored": _thawed,
    "room.reopened": _thawed,
    "contact.added": _contact,
    "contact.reconnected": _contact,
    "contact.closed": _closed,
    "contact.restored": _restored,
    "member_grant.given": _granted,
    "member_grant.withdrawn": _withdrawn,
    "member_grant.changed": _policy,
    "partner_rule.changed": _policy,
    "external_connection.on": _policy,
    "external_connection.off": _policy,
    "partner.decided": _decided,
    "partner.expired": _decided,
    "closing.undone": _undone,
    "link.opened": _opened,
    "link.closed": _shut,
    "department.removed": _department_gone,
}
