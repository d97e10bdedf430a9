"""Group rooms against a small model of product.md: random histories of consent, people and messages, step by step."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import Company, User
from contacts.actions.block import block_external_user, unblock_external_user
from contacts.models import Block
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.access import messages_in, seat_of
from messaging.actions.editing import edit_room
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.actions.masters import hand_over, make_master, step_down
from messaging.actions.read import mark_read
from messaging.actions.send import Draft, send_messages
from messaging.message.row import MessageRow
from messaging.models import Membership, Message, Room
from messaging.pages.conversation import changed_since
from messaging.pages.room_list import unread_of
from tests.cast import make_company, make_member
from tests.decisions import decide, set_member_grant, set_partner_rule
from tests.depth import SOAK, depth
from tests.words import words_of
from worksbridge.errors import WorksBridgeError

MOST_ROOMS = 4
MOST_INACTIVE = 4
PROFILE = settings(
    derandomize=not SOAK,
    database=None,
    deadline=None,
    max_examples=depth(test=5, soak=60),
    stateful_step_count=40,
    # Making a failure smaller takes minutes; add Phase.shrink to look into one.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


# --- The model: written from product.md, in plain sets. People and companies are numbers. ---


@dataclass
class Consent:
    """Section 1 of product.md: who may reach whom."""

    company_of: dict[int, int]
    on: set[int] = field(default_factory=set)
    approved_only: set[int] = field(default_factory=set)
    decided: dict[tuple[int, int], str] = field(default_factory=dict)
    chosen_only: set[int] = field(default_factory=set)
    chosen: set[int] = field(default_factory=set)
    inactive: set[int] = field(default_factory=set)
    # Who has blocked whom, since which step.
    blocks: dict[tuple[int, int], int] = field(default_factory=dict)

    def companies(self, people: Iterable[int]) -> set[int]:
        return {self.company_of[person] for person in people}

    def allows(self, company: int, partner: int) -> bool:
        decision = self.decided.get((company, partner), "policy")
        return company in self.on and (
            decision == "allow" or (decision, company in self.approved_only) == ("policy", False)
        )

    def is_open(self, one: int, other: int) -> bool:
        return self.allows(one, other) and self.allows(other, one)

    def open_pairs(self) -> set[frozenset[int]]:
        pairs = combinations(sorted(set(self.company_of.values())), 2)
        return {frozenset(pair) for pair in pairs if self.is_open(*pair)}

    def granted(self) -> set[int]:
        return {person for person, company in self.company_of.items() if self._has(person, company)}

    def _has(self, person: int, company: int) -> bool:
        chosen = company not in self.chosen_only or person in self.chosen
        return company in self.on and chosen and person not in self.inactive

    def together(self, people: Iterable[int]) -> bool:
        """Every pair of companies is linked and everyone is granted; colleagues need nothing."""
        people = set(people)
        companies = self.companies(people)
        linked = all(self.is_open(*pair) for pair in combinations(sorted(companies), 2))
        return len(companies) == 1 or (linked and people <= self.granted())

    def parted_by_block(self, one: int, others: Iterable[int]) -> bool:
        return any((one, other) in self.blocks or (other, one) in self.blocks for other in others)


@dataclass
class Said:
    """A message or a line in a room."""

    seq: int
    author: int | None
    step: int
    # Those who had blocked the author when it was said, or still had when they came: they never get it.
    hidden_from: set[int]
    today: bool = True


@dataclass
class RoomModel:
    """Who is in a room, since which step, and what each of them sees."""

    host: int
    joined: dict[int, int] = field(default_factory=dict)
    masters: set[int] = field(default_factory=set)
    # One of these became Master: they have been in the room for equally long.
    heirs: set[int] = field(default_factory=set)
    external: bool = False
    frozen: bool = False
    all_for_newcomers: bool = False
    said: list[Said] = field(default_factory=list)
    sees_from: dict[int, int] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.said[-1].seq if self.said else 0

    def join(self, people: Iterable[int], consent: Consent, *, step: int, sees_from: int) -> None:
        for person in people:
            self.joined[person] = step
            self.sees_from[person] = sees_from
            self.read[person] = self.last
            for said in self.visible_to(person):
                if said.author and said.step >= consent.blocks.get((person, said.author), step + 1):
                    said.hidden_from.add(person)

    def first_seen(self, history: str | None) -> int:
        history = history or ("all" if self.all_for_newcomers else "none")
        today = [said.seq for said in self.said if said.today]
        return {"all": 0, "none": self.last, "today": today[0] - 1 if today else self.last}[history]

    def visible_to(self, person: int) -> list[Said]:
        if person not in self.joined:
            return []
        return [s for s in self.said if s.seq > self.sees_from[person] and person not in s.hidden_from]

    def unread_of(self, person: int) -> int:
        seen = self.visible_to(person)
        return sum(s.author not in (None, person) and s.seq > self.read[person] for s in seen)

    def end(self, people: Iterable[int]) -> None:
        for person in people:
            del self.joined[person]
            self.masters.discard(person)

    def settle(self, consent: Consent) -> None:
        """What follows when people have gone: mastership passes on, an empty host freezes, guests make it external."""
        own = {person for person in self.joined if consent.company_of[person] == self.host}
        self.external = own != set(self.joined)
        self.frozen = self.frozen or bool(self.joined and not own)
        able = own - consent.inactive
        if able and not self.masters & able:
            longest = min(self.joined[person] for person in able)
            self.heirs = {person for person in able if self.joined[person] == longest}


def excluded(
    room: RoomModel, consent: Consent, *, closer: int, parted: set[int], lost: set[int], off: bool
) -> set[int]:
    """The table "When a right ends": who is put out of an External Group room."""
    if not room.external:
        return set()
    present = consent.companies(room.joined)
    gone = set()
    for person in room.joined:
        company = consent.company_of[person]
        as_guest_of_closer = room.host == closer and company in parted
        as_closing_guest = company == closer and room.host in parted
        beside_a_guest = company == closer != room.host and bool(present & parted - {room.host})
        keeps_own_room = off and company == closer == room.host
        if as_guest_of_closer or as_closing_guest or beside_a_guest or (person in lost and not keeps_own_room):
            gone.add(person)
    return gone


# --- The product, driven beside the model. ---


@dataclass
class World:
    """Four companies with three people each and an administrator beside them; the last has not allowed anything."""

    companies: dict[int, Company]
    admins: dict[int, User]
    people: dict[int, User]


def make_world() -> World:
    companies = [make_company(name) for name in ("alpha", "beta", "gamma", "delta")]
    admins = {company.pk: make_member(company, f"Admin {company.name}", is_administrator=True) for company in companies}
    people = [make_member(company, f"{company.name} {n}") for company in companies for n in range(3)]
    for company in companies[:3]:
        set_external_connection(company=company, allows=True, actor=admins[company.pk])
    return World({company.pk: company for company in companies}, admins, {person.pk: person for person in people})


Timeline = dict[int, tuple[int, str]]
Data = st.DataObject
HISTORIES = [None, "none", "today", "all"]
chance = st.booleans()


class GroupRules(RuleBasedStateMachine):
    """Each rule does one thing to the product and says what product.md expects of it."""

    world: World
    outcomes: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.pks = sorted(self.world.people)
        self.company_pks = sorted(self.world.companies)
        self.consent = Consent({pk: person.company_id for pk, person in self.world.people.items()})
        self.consent.on = set(self.company_pks[:3])
        self.rooms: dict[int, RoomModel] = {}
        self.step = 0
        self.sent: list[tuple[int, int]] = []
        self.last_message = 0
        self.states: dict[int, object] = {}
        # What each member's page showed at each revision of a room; nothing for those who were not in it.
        self.pages: defaultdict[int, dict[int, dict[int, Timeline]]] = defaultdict(dict)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # Picking: mostly what can work, sometimes what cannot.

    def user(self, pk: int) -> User:
        return self.users([pk])[0]

    def users(self, pks: Iterable[int]) -> list[User]:
        found = User.objects.select_related("company").in_bulk(list(pks))
        return [found[pk] for pk in pks]

    def a_room(self, data: Data) -> tuple[int, RoomModel]:
        pk = data.draw(st.sampled_from(sorted(self.rooms)), "room")
        return pk, self.rooms[pk]

    def a_company(self, data: Data) -> int:
        return data.draw(st.sampled_from(self.company_pks), "company")

    def someone(self, data: Data, first: Iterable[int] = ()) -> int:
        """An active person: mostly one of `first`, else anyone."""
        everyone = sorted(set(self.pks) - self.consent.inactive)
        preferred = sorted(set(first) - self.consent.inactive)
        weight = 3 * len(everyone) // max(len(preferred), 1)
        return data.draw(st.sampled_from(preferred * weight + everyone), "person")

    def some_who_fit(self, data: Data, inside: Iterable[int]) -> list[int]:
        """Active people, mostly those who may each be together with those `inside`."""
        others = sorted(set(self.pks) - self.consent.inactive - set(inside))
        fitting = [pk for pk in others if self.consent.together([pk, *inside])]
        pool = fitting if fitting and data.draw(st.integers(0, 3)) else others
        return data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4, unique=True), "people") if pool else []

    def attempt(self, work: Callable[[], object], *, allowed: bool, name: str) -> bool:
        self.step += 1
        try:
            work()
        except WorksBridgeError as error:
            assert not allowed, f"refused: {error}"
        else:
            assert allowed, "should have been refused"
        self.outcomes[f"{name} {'done' if allowed else 'refused'}"] += 1
        return allowed

    # Rooms

    @initialize()
    def two_rooms(self) -> None:
        self._create(self.pks[0], [self.pks[n] for n in (1, 3, 4, 6)])
        self._create(self.pks[3], [self.pks[4], self.pks[5]])
        for (pk, room), other in zip(sorted(self.rooms.items()), (self.pks[1], self.pks[4]), strict=True):
            make_master(master=self.user(min(room.masters)), room_id=pk, member_id=other)
            room.masters.add(other)
        # A guest who has blocked another guest, and one of another room who has blocked one of the hosts.
        for pair in ((self.pks[3], self.pks[6]), (self.pks[8], self.pks[3])):
            self._block(*pair)

    @precondition(lambda self: len(self.rooms) < MOST_ROOMS)
    @rule(data=st.data())
    def create(self, data: Data) -> None:
        creator = self.someone(data)
        self._create(creator, self.some_who_fit(data, [creator]))

    def _create(self, creator: int, others: list[int]) -> None:
        others = [pk for pk in others if pk != creator]
        allowed = bool(others) and self.consent.together([creator, *others])
        allowed = allowed and not self.consent.parted_by_block(creator, others)
        made: list[Room] = []

        def make() -> None:
            made.append(create_group_room(creator=self.user(creator), members=self.users(others), name="Room"))

        if self.attempt(make, allowed=allowed, name="create"):
            room = self.rooms[made[0].pk] = RoomModel(self.consent.company_of[creator], masters={creator})
            room.join([creator, *others], self.consent, step=self.step, sees_from=0)
            room.settle(self.consent)

    @rule(data=st.data(), history=st.sampled_from(HISTORIES), opens=st.sampled_from([True, True, False]))
    def add(self, data: Data, history: str | None, opens: bool) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        self._add(pk, master, self.some_who_fit(data, room.joined), history, opens=opens)

    @precondition(lambda self: self.gone)
    @rule(data=st.data(), history=st.sampled_from(HISTORIES))
    def add_somebody_who_was_there(self, data: Data, history: str | None) -> None:
        pk, person = data.draw(st.sampled_from(sorted(self.gone)), "who and where")
        master = self.someone(data, self.rooms[pk].masters)
        self._add(pk, master, [person] if person not in self.consent.inactive else [], history, opens=True)

    @property
    def gone(self) -> set[tuple[int, int]]:
        """Former members, with their rooms."""
        return {
            (pk, person) for pk, room in self.rooms.items() for person in room.sees_from.keys() - room.joined.keys()
        }

    def _add(self, pk: int, master: int, coming: list[int], history: str | None, *, opens: bool) -> None:
        room = self.rooms[pk]
        if not coming:
            return
        everyone = {*room.joined, *coming}
        answered = opens or room.external or len(self.consent.companies(everyone)) == 1
        allowed = master in room.masters and not room.frozen and answered and self.consent.together(everyone)
        allowed = allowed and not self.consent.parted_by_block(master, coming)
        sees_from = room.first_seen(history)

        def bring() -> None:
            users = self.users(coming)
            add_members(master=self.user(master), room_id=pk, people=users, history=history, opens=opens)

        if self.attempt(bring, allowed=allowed, name="add"):
            room.join(coming, self.consent, step=self.step, sees_from=sees_from)
            room.settle(self.consent)

    @rule(data=st.data(), everything=chance)
    def decide_what_newcomers_see(self, data: Data, everything: bool) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        value = Room.Newcomers.ALL if everything else Room.Newcomers.JOINED
        if self.attempt(
            lambda: edit_room(master=self.user(master), room_id=pk, newcomers=value),
            allowed=master in room.masters,
            name="newcomers see",
        ):
            room.all_for_newcomers = everything

    @rule(data=st.data())
    def remove(self, data: Data) -> None:
        pk, room = self.a_room(data)
        master = self.someone(data, room.masters)
        other = self.someone(data, room.joined)
        own = self.consent.company_of[master] == room.host
        allowed = master in room.masters and other in room.joined and other != master
        # A guest who shares mastership does not put the hosting company out of its own room.
        allowed = allowed and (own or self.consent.company_of[other] != room.host)
        if self.attempt(
            lambda: remove_member(master=self.user(master), room_id=pk, member_id=other), allowed=allowed, name="remove"
        ):
            self._gone(room, {other})

    @rule(data=st.data())
    def leave(self, data: Data) -> None:
        pk, room = self.a_room(data)
        member = self.someone(data, room.joined)
        if self.attempt(
            lambda: leave_room(member=self.user(member), room_id=pk), allowed=member in room.joined, name="leave"
        ):
            self._gone(room, {member})

    @rule(data=st.data())
    def take_out_by_administrator(self, data: Data) -> None:
        pk, room = self.a_room(data)
        if not room.joined:
            return
        member = data.draw(st.sampled_from(sorted(room.joined)), "member")
        # Mostly their own company's administrator; another's may not.
        own = self.consent.company_of[member]
        by = data.draw(st.sampled_from([own] * 8 + self.company_pks), "administrator")
        row = Membership.objects.select_related("member").get(room=pk, member=member)
        if self.attempt(
            lambda: withdraw_from_room(administrator=self.world.admins[by], membership=row),
            allowed=by == own,
            name="take out",
        ):
            self._gone(room, {member})

    def _gone(self, room: RoomModel, people: set[int]) -> None:
        room.end(people)
        room.settle(self.consent)

    # Masters. What a guest who is Master may do in a frozen room, product.md does not say.

    @rule(data=st.data(), verb=st.sampled_from(["make master", "hand over", "step down"]))
    def change_masters(self, data: Data, verb: str) -> None:
        pk, room = self.a_room(data)
        asker, other = self.someone(data, room.masters), self.someone(data, room.joined)
        if room.frozen:
            return
        users = {"master": self.user(asker), "room_id": pk}
        after = {
            "make master": room.masters | {other},
            "hand over": room.masters - {asker} | {other},
            "step down": room.masters - {asker},
        }[verb]
        works = {
            "make master": lambda: make_master(**users, member_id=other),
            "hand over": lambda: hand_over(**users, member_id=other),
            "step down": lambda: step_down(**users),
        }
        allowed = asker in room.masters and (other in room.joined or verb == "step down")
        allowed = allowed and (self._has_host(room, after) or verb == "make master")
        if self.attempt(works[verb], allowed=allowed, name=verb):
            room.masters = after

    def _has_host(self, room: RoomModel, masters: set[int]) -> bool:
        return any(self.consent.company_of[pk] == room.host for pk in masters - self.consent.inactive)

    # Messages

    @rule(data=st.data(), number=st.integers(1, 4))
    def send(self, data: Data, number: int) -> None:
        self._send(data, number)

    @rule(data=st.data())
    def send_one(self, data: Data) -> None:
        self._send(data, 1)

    def _send(self, data: Data, number: int) -> None:
        self.step += 1
        picked = [self.a_room(data) for _draft in range(number)]
        wanted = [(pk, room, self.someone(data, room.joined)) for pk, room in picked]
        outcomes = send_messages([Draft(pk, author, uuid4(), "Said") for pk, _room, author in wanted])
        for (pk, room, author), outcome in zip(wanted, outcomes, strict=True):
            allowed = author in room.joined and not room.frozen
            assert allowed == isinstance(outcome, MessageRow), outcome
            if allowed:
                self.sent.append((pk, author))

    @rule(data=st.data(), part=st.integers(0, 4))
    def read(self, data: Data, part: int) -> None:
        pk, room = self.a_room(data)
        member, seq = self.someone(data, room.joined), room.last * part // 4
        reader = self.user(member).pk
        if self.attempt(
            lambda: mark_read(member_id=reader, room_id=pk, seq=seq), allowed=member in room.joined, name="read"
        ):
            reached = [said.seq for said in room.visible_to(member) if said.seq <= seq]
            room.read[member] = max([room.read[member], *reached[-1:]])

    @rule()
    def a_night_passes(self) -> None:
        for kind in (Message, Block):
            kind.objects.update(created_at=F("created_at") - timedelta(days=2))
        for room in self.rooms.values():
            for said in room.said:
                said.today = False

    @rule(data=st.data())
    def block(self, data: Data) -> None:
        _pk, room = self.a_room(data)
        one = self.someone(data, room.joined)
        strangers = [pk for pk in self.pks if self.consent.company_of[pk] != self.consent.company_of[one]]
        self._block(one, self.someone(data, [pk for pk in strangers if pk in room.joined]))

    def _block(self, *pair: int) -> None:
        strangers = len(self.consent.companies(pair)) == 2
        member, person = self.users(pair)
        if self.attempt(lambda: block_external_user(member=member, person=person), allowed=strangers, name="block"):
            self.consent.blocks.setdefault(pair, self.step)

    @precondition(lambda self: self.consent.blocks)
    @rule(data=st.data())
    def unblock(self, data: Data) -> None:
        pair = data.draw(st.sampled_from(sorted(self.consent.blocks)), "pair")
        member, person = self.users(pair)
        unblock_external_user(member=member, person=person)
        del self.consent.blocks[pair]

    # Consent

    def _change(self, company: int, work: Callable[[], None], turn: Callable[[], object], *, off: bool = False) -> None:
        """`work` changes the product, `turn` the model; what ends is worked out from before and after."""
        pairs, granted, active = self.consent.open_pairs(), self.consent.granted(), self.consent.inactive.copy()
        self.step += 1
        work()
        turn()
        parted = {pk for pair in pairs - self.consent.open_pairs() for pk in pair if company in pair} - {company}
        lost = granted - self.consent.granted() | self.consent.inactive - active
        for room in self.rooms.values():
            gone = excluded(room, self.consent, closer=company, parted=parted, lost=lost, off=off)
            room.end(gone)
            self.outcomes["excluded"] += len(gone)
            if gone:
                room.settle(self.consent)

    @rule(data=st.data(), what=st.sampled_from(["switch", "partner", "partners", "grant to", "members"]))
    def administrate(self, data: Data, what: str) -> None:
        pk = self.a_company(data)
        if what == "switch":
            self._switch(pk, allows=data.draw(chance, "allows"))
        elif what == "partner":
            self._decide(pk, self.a_company(data), data.draw(st.sampled_from(["allow", "deny", "policy"]), "decision"))
        elif what == "partners":
            self._approve(pk, approved=data.draw(chance, "approved only"))
        elif what == "grant to":
            self._grant_to(pk, chosen=data.draw(chance, "chosen only"))
        else:
            own = [person for person in self.pks if self.consent.company_of[person] == pk]
            people = data.draw(st.lists(st.sampled_from(own), min_size=1, unique=True), "members")
            self._choose(pk, people, give=data.draw(st.sampled_from([True, True, False]), "give"))

    @rule(opened=st.integers(3, 4))
    def open_again(self, opened: int) -> None:
        """Most companies allow whomever they have not denied: what opens revives nothing (I13)."""
        for pk in self.company_pks[:opened]:
            self._switch(pk, allows=True)
            self._approve(pk, approved=False)
            self._grant_to(pk, chosen=False)

    def _switch(self, pk: int, *, allows: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.on.add if allows else self.consent.on.discard
        self._change(
            pk,
            lambda: set_external_connection(company=company, allows=allows, actor=admin),
            lambda: turn(pk),
            off=not allows,
        )

    def _decide(self, pk: int, other: int, decision: str) -> None:
        mine, theirs, admin = self.world.companies[pk], self.world.companies[other], self.world.admins[pk]
        if pk != other:
            self._change(
                pk,
                lambda: decide(company=mine, partner=theirs, decision=decision, actor=admin),
                lambda: self.consent.decided.update({(pk, other): decision}),
            )

    def _approve(self, pk: int, *, approved: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.approved_only.add if approved else self.consent.approved_only.discard
        value = "approved" if approved else "any"
        self._change(pk, lambda: set_partner_rule(company=company, rule=value, actor=admin), lambda: turn(pk))

    def _grant_to(self, pk: int, *, chosen: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        turn = self.consent.chosen_only.add if chosen else self.consent.chosen_only.discard
        value = "chosen" if chosen else "all"
        self._change(pk, lambda: set_member_grant(company=company, grant_to=value, actor=admin), lambda: turn(pk))

    def _choose(self, pk: int, people: list[int], *, give: bool) -> None:
        company, admin = self.world.companies[pk], self.world.admins[pk]
        verb = grant_members if give else withdraw_members
        turn = self.consent.chosen.update if give else self.consent.chosen.difference_update
        self._change(pk, lambda: verb(company=company, members=self.users(people), actor=admin), lambda: turn(people))

    @precondition(lambda self: len(self.consent.inactive) < MOST_INACTIVE)
    @rule(data=st.data())
    def deactivate(self, data: Data) -> None:
        _pk, room = self.a_room(data)
        pk = self.someone(data, room.masters)
        company = self.consent.company_of[pk]
        self._change(
            company,
            lambda: deactivate_member(member=self.user(pk), actor=self.world.admins[company]),
            lambda: self.consent.inactive.add(pk),
        )
        for room in self.rooms.values():
            # In the rooms inside their company they stay in the list, but their mastership passes on.
            room.settle(self.consent)
            if self._has_host(room, room.masters | room.heirs):
                room.masters.discard(pk)

    @precondition(lambda self: self.consent.inactive)
    @rule(data=st.data())
    def reactivate(self, data: Data) -> None:
        pk = data.draw(st.sampled_from(sorted(self.consent.inactive)), "person")
        reactivate_member(member=self.user(pk), actor=self.world.admins[self.consent.company_of[pk]])
        self.consent.inactive.discard(pk)

    # What must hold after every step

    @invariant()
    def the_product_is_as_the_model_says(self) -> None:
        with connection.cursor() as cursor:
            # The triggers that wait for the commit speak now.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        self._hear()
        rooms = Room.objects.in_bulk(self.rooms)
        rows = Membership.objects.filter(room__in=rooms, ended_at=None).select_related("room", "member__company")
        inside: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
        for row in rows:
            inside[row.room_id][row.member_id] = row
        for pk, room in self.rooms.items():
            self._same_people(rooms[pk], room, inside[pk])
            self._unread(room, inside[pk])
            self._moved(rooms[pk], room, inside[pk])

    def _hear(self) -> None:
        """Take what was written since the last step into the model: revisions without gaps (I19), each text once."""
        fresh = list(Message.objects.filter(pk__gt=self.last_message).order_by("pk"))
        texts = [(message.room_id, message.author_id) for message in fresh if message.kind == Message.Kind.TEXT]
        assert texts == self.sent
        for message in fresh:
            room = self.rooms[message.room_id]
            assert message.seq == room.last + 1
            author = message.author_id
            hidden = {blocker for blocker, blocked in self.consent.blocks if blocked == author} & set(room.joined)
            room.said.append(Said(message.seq, author, self.step, hidden))
            if author is not None:
                room.read[author] = message.seq
            self.last_message = message.pk
        self.sent = []

    def _same_people(self, room: Room, model: RoomModel, inside: dict[int, Membership]) -> None:
        masters = {pk for pk, row in inside.items() if row.role == Membership.Role.MASTER}
        assert set(inside) == set(model.joined)
        assert room.rev == model.last
        assert (room.frozen_at is not None) == model.frozen
        own = {pk for pk in inside if self.consent.company_of[pk] == model.host}
        if inside:
            assert room.is_external == model.external
        if own and not own - self.consent.inactive:
            # Nobody is left who could manage the room; product.md only says that it has a Master.
            assert masters & own
            model.masters, model.heirs = masters, set()
        if model.heirs:
            assert len(masters & model.heirs) == 1
            model.masters, model.heirs = model.masters | (masters & model.heirs), set()
        assert masters == model.masters

    def _unread(self, model: RoomModel, inside: dict[int, Membership]) -> None:
        assert {pk: unread_of(row) for pk, row in inside.items()} == {pk: model.unread_of(pk) for pk in inside}

    def _moved(self, room: Room, model: RoomModel, inside: dict[int, Membership]) -> None:
        """A room that changed: who sees what (I4), and that every page catches up with it (I20, I21, I23)."""
        state = (model.frozen, model.external, {pk: row.role for pk, row in inside.items()})
        before_rev, before = self.states.get(room.pk, (0, None))
        if (room.rev, state) == (before_rev, before):
            return
        assert room.rev > before_rev, f"{before} became {state} without a new revision"
        self.states[room.pk] = (room.rev, state)
        now = {pk: self._load(row.member, room) for pk, row in inside.items()}
        assert {pk: list(seen) for pk, seen in now.items()} == {
            pk: [said.seq for said in model.visible_to(pk)] for pk in inside
        }
        outside = [pk for pk in self.pks if pk not in inside]
        assert not any(Message.objects.visible_to(pk).filter(room=room).exists() for pk in outside)
        for pk, row in inside.items():
            for after, page in self._earlier_pages(room.pk, pk):
                changes = changed_since(seat_of(row.member, room.pk), after)
                self.outcomes["catching up"] += 1
                shown = now[pk] if changes is None else dict(sorted((page | _timeline(changes)).items()))
                assert shown == now[pk], f"catching up from {after} to {room.rev}"
        self.pages[room.pk][room.rev] = now

    @staticmethod
    def _load(member: User, room: Room) -> Timeline:
        return _timeline(messages_in(member, room))

    def _earlier_pages(self, room_id: int, member_id: int) -> list[tuple[int, Timeline]]:
        """From nothing at all, from the step before, and from some revisions further back."""
        revisions = list(self.pages[room_id])
        chosen = {*revisions[-1:], *revisions[-4::-3], *revisions[self.step % 5 :: 5]}
        return [(0, {})] + [(rev, self.pages[room_id][rev].get(member_id, {})) for rev in sorted(chosen)]


def _timeline(messages: Iterable[Message]) -> Timeline:
    return {message.seq: (message.rev, words_of(message)) for message in messages}


@pytest.mark.timeout(depth(test=300, soak=3600))
@pytest.mark.django_db
def test_i04_i09_i13_i19_i20_i21_i23_group_rooms_do_what_the_product_says() -> None:
    class Machine(GroupRules):
        world = make_world()
        outcomes = Counter()

    run_state_machine_as_test(Machine, settings=PROFILE)
    print(f"\n{dict(sorted(Machine.outcomes.items()))}")
