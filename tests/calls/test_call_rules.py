"""Calls against a small model of product.md: random histories of rings, answers, lost pages and rights that end."""

import functools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import Company, Notification, User
from calls.actions.joining import join_call
from calls.actions.leaving import RELOAD, decline_call, leave_call
from calls.actions.starting import start_call
from calls.actions.timeouts import end_overdue
from calls.call_log import calls_page, rings_for
from calls.device import Device
from calls.models import Call, Participant
from calls.signalling import relay
from calls.snapshots import snapshot
from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import open_direct_room, reopen_direct_room
from messaging.models import Membership, Room
from tests.calls.ring import beat, check_constraints, lines_of, pass_time, without_media_servers
from tests.cast import make_company, make_member, make_members
from tests.decisions import decide, set_member_grant
from tests.depth import SOAK, depth
from worksbridge.errors import WorksBridgeError

# Ten times what the product waits, so that a slow machine changes nothing. In seconds.
RING, LOST, RECOVER = 450, 100, 200
MESH = 4
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
Data = st.DataObject
# What may happen in a step: the method, how often beside the others, and when at all.
STEPS: list[tuple[str, int, Callable[["CallRules"], Any]]] = []


def happens(often: int, when: Callable[["CallRules"], Any] = lambda _rules: True) -> Callable[[Any], Any]:
    """Register the decorated method as something that may happen."""

    def register(method: Any) -> Any:
        STEPS.append((method.__name__, often, when))
        return method

    return register


# --- The model: written from product.md, in plain values. People, rooms and calls are numbers. ---


@dataclass
class Part:
    """A participant in a call."""

    state: str
    device: UUID | None = None
    seen: float = 0
    # Their page is gone; they may come back until the call waits no longer.
    awaited: bool = False
    withheld: bool = False
    has_joined: bool = False


@dataclass
class CallModel:
    """One call: when it began, was answered and ended, and who is what in it."""

    room: int
    direct: bool
    starter: int
    started: float
    people: dict[int, Part] = field(default_factory=dict)
    answered: float | None = None
    ended: float | None = None
    # Several, where product.md leaves open which of them it is.
    outcomes: frozenset[str] = frozenset()

    @property
    def joined(self) -> set[int]:
        return {pk for pk, part in self.people.items() if part.state == "joined"}

    @property
    def state(self) -> str:
        if self.ended is not None:
            return "ended"
        return "ringing" if self.direct and self.answered is None else "live"

    @property
    def known_to(self) -> set[int]:
        return {pk for pk, part in self.people.items() if not part.withheld}

    def enter(self, pk: int, device: UUID, now: float) -> None:
        part = self.people.setdefault(pk, Part("left"))
        part.state, part.device, part.seen, part.awaited, part.has_joined = "joined", device, now, False, True
        if len(self.joined) > 1 and self.answered is None:
            self.answered = now

    def out(self, pk: int, *, awaited: bool = False) -> None:
        part = self.people[pk]
        if part.state in ("joined", "ringing"):
            part.state = "missed" if part.state == "ringing" else "left"
            part.device = None
        part.awaited = awaited

    def end(self, now: float, *outcomes: str) -> None:
        for pk in self.people:
            self.out(pk)
        self.ended, self.outcomes = now, frozenset(outcomes)

    def settle(self, now: float) -> None:
        """A call of two needs both, and one that rings needs who calls; a group call needs somebody."""
        awaited = any(part.awaited and now - part.seen < RECOVER for part in self.people.values())
        needed = 2 if self.direct and self.answered is not None else 1
        enough = len(self.joined) >= needed
        if self.direct and self.answered is None:
            enough = self.starter in self.joined
        if self.ended is None and not enough and not awaited:
            if self.answered is not None:
                self.end(now, "ended")
            else:
                self.end(now, *(("cancelled",) if self.direct else ("no_answer", "cancelled")))


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


class CallRules(RuleBasedStateMachine):
    """Each rule does one thing to the product and says what product.md expects of it."""

    world: World
    outcomes: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.pks = sorted(self.world.people)
        self.rooms = {room.pk: room for room in (*self.world.directs, *self.world.groups)}
        self.calls: dict[int, CallModel] = {}
        self.blocks: set[tuple[int, int]] = set()
        self.inactive: set[int] = set()
        # How much has ended since everything was open.
        self.ended_rights = 0
        # Pages that give no sign of life any more.
        self.dead: set[UUID] = set()
        self.shifted = 0.0
        self.looked_at: list[object] = []
        self.seen: dict[int, object] = {}
        self.step = 0
        self.devices = {pk: [uuid4(), uuid4()] for pk in self.pks}

    def teardown(self) -> None:
        try:
            self.come_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    # What is there now

    @property
    def now(self) -> float:
        return time.monotonic() + self.shifted

    def user(self, pk: int) -> User:
        return User.objects.select_related("company").get(pk=pk)

    def members(self, room: int) -> set[int]:
        return set(Membership.objects.filter(room=room, ended_at=None).values_list("member_id", flat=True))

    def pair(self, room: int) -> tuple[int, ...]:
        found = self.rooms[room]
        return tuple(pk for pk in (found.low_id, found.high_id) if pk)

    def other(self, room: int, pk: int) -> int:
        return next(one for one in self.pair(room) if one != pk)

    def is_frozen(self, room: int) -> bool:
        return Room.objects.filter(pk=room, frozen_at__isnull=False).exists()

    def live_in(self, room: int) -> int | None:
        return next((pk for pk, call in self.calls.items() if call.room == room and call.ended is None), None)

    def live(self) -> list[int]:
        return [pk for pk, call in self.calls.items() if call.ended is None]

    def is_in_a_call(self, pk: int, but: int | None = None) -> bool:
        return any(pk in call.joined for number, call in self.calls.items() if number != but)

    # Picking: mostly what can work, sometimes what cannot.

    def a_room(self, data: Data) -> int:
        return data.draw(st.sampled_from(sorted(self.rooms)), "room")

    def a_call(self, data: Data) -> int:
        pool = self.live() * 4 + list(self.calls)[-4:]
        return data.draw(st.sampled_from(pool), "call")

    def someone(self, data: Data, first: Iterable[int] = ()) -> int:
        preferred = sorted(set(first) - self.inactive)
        everyone = [pk for pk in self.pks if pk not in self.inactive]
        weight = 6 * len(everyone) // max(len(preferred), 1)
        return data.draw(st.sampled_from(preferred * weight + everyone), "person")

    def a_device(self, data: Data, pk: int) -> UUID:
        device = self.devices[pk][data.draw(st.sampled_from([0, 0, 0, 1]), "device")]
        self.dead.discard(device)
        return device

    def attempt(self, name: str, work: Callable[[], Any], code: str) -> Any:
        """Do it; `code` is what it must be refused with, nothing when it must be done."""
        before = list(Call.objects.order_by("pk").values_list()), list(Participant.objects.order_by("pk").values_list())
        try:
            with transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
                found = work()
        except WorksBridgeError as error:
            assert error.code in code.split("|"), f"{name}: refused with {error.code}, expected {code or 'none'}"
            self.outcomes[f"{name}: {error.code}"] += 1
            after = [list(model.objects.order_by("pk").values_list()) for model in (Call, Participant)]
            assert after == list(before), name
            return None
        assert not code, f"{name} should have been refused: {code}"
        self.outcomes[name] += 1
        return found

    @rule(data=st.data())
    def step_on(self, data: Data) -> None:
        """One rule that draws what happens: hypothesis's own choice would leave out most of them in each history."""
        able = [name for name, often, when in STEPS if when(self) for _time in range(often)]
        getattr(self, data.draw(st.sampled_from(able), "what"))(data)

    # Rings, answers, and hanging up

    @initialize()
    def somebody_has_blocked_somebody(self) -> None:
        first, other = self.pair(self.world.directs[2].pk)
        self._block(first, other)

    def _why_not_call(self, pk: int, room: int) -> str:
        """Why someone may not call into a room."""
        if pk not in self.members(room):
            return "not_found"
        if self.is_frozen(room):
            return "frozen"
        if self.rooms[room].kind == Room.Kind.DIRECT and (pk, self.other(room, pk)) in self.blocks:
            return "blocked"
        return ""

    @happens(4)
    def start(self, data: Data) -> None:
        room = self.a_room(data)
        if self.is_frozen(room):
            # Tried as well, but mostly where it can work.
            room = self.a_room(data)
        pk = self.someone(data, self.members(room))
        self._start(room, pk, self.a_device(data, pk), data.draw(st.sampled_from(["voice", "video"]), "kind"))

    @happens(6)
    def gather(self, data: Data) -> None:
        """Someone calls in a room without a call, and others join."""
        quiet = [room for room in self.rooms if self.live_in(room) is None and not self.is_frozen(room)]
        room = data.draw(st.sampled_from(quiet or sorted(self.rooms)), "room")
        free = [pk for pk in sorted(self.members(room) - self.inactive) if not self.is_in_a_call(pk)]
        for pk in data.draw(st.permutations(free), "people")[: data.draw(st.integers(2, 5), "how many")]:
            self._start(room, pk, self.a_device(data, pk), "video")

    def _start(self, room: int, pk: int, device: UUID, kind: str) -> None:
        if self.inactive & set(self.pair(room)):
            # Of calls to somebody who has been deactivated product.md says nothing.
            return
        number = self.live_in(room)
        code = self._why_not_call(pk, room)
        if not code:
            code = self._why_not_join(pk, number, device, move=False) if number else self._busy(pk)
        if number and code == "not_found" and pk in self.members(room):
            # Withheld from them: unblocked since, so calling back is answering.
            self.calls[number].people[pk].withheld = False
            code = self._why_not_join(pk, number, device, move=False)
        member = self.user(pk)
        call = self.attempt(
            "start", lambda: start_call(member=member, room_id=room, kind=kind, device=Device(device)), code
        )
        if call is None:
            return
        if number:
            assert call.pk == number
            self._entered(number, pk, device)
        else:
            self._begun(call.pk, room, pk, device)

    def _busy(self, pk: int) -> str:
        return "in_call" if self.is_in_a_call(pk) else ""

    def _begun(self, number: int, room: int, pk: int, device: UUID) -> None:
        direct = self.rooms[room].kind == Room.Kind.DIRECT
        call = self.calls[number] = CallModel(room, direct, pk, self.now)
        call.enter(pk, device, self.now)
        if direct:
            other = self.other(room, pk)
            withheld = (other, pk) in self.blocks
            call.people[other] = Part("ringing", withheld=withheld)
            if not withheld and self.is_in_a_call(other):
                call.people[other].state = "busy"
                call.end(self.now, "busy")
        if call.ended is None:
            self._busy_for_others(pk)

    def _why_not_join(self, pk: int, number: int, device: UUID, *, move: bool) -> str:
        call = self.calls[number]
        part = call.people.get(pk)
        if pk not in self.members(call.room) or (part and part.withheld):
            return "not_found"
        if call.ended is not None:
            return "over"
        if code := self._why_not_call(pk, call.room):
            return code
        if part and part.state == "joined":
            return "" if move or part.device == device else "elsewhere"
        if self.is_in_a_call(pk, but=number):
            return "in_call"
        return "full" if len(call.joined) >= MESH else ""

    @happens(5, lambda rules: rules.calls)
    def join(self, data: Data) -> None:
        number = self.a_call(data)
        call = self.calls[number]
        pk = self.someone(data, self.members(call.room))
        self._join(number, pk, self.a_device(data, pk), move=data.draw(st.booleans(), "move"))

    @happens(6, lambda rules: rules.to_answer())
    def answer(self, data: Data) -> None:
        number, pk = data.draw(st.sampled_from(self.to_answer()), "ring")
        self._join(number, pk, self.a_device(data, pk), move=False)

    def to_answer(self) -> list[tuple[int, int]]:
        return [
            (number, pk)
            for number in self.live()
            for pk, part in self.calls[number].people.items()
            if (part.state == "ringing" or part.awaited) and pk not in self.inactive
        ]

    def _join(self, number: int, pk: int, device: UUID, *, move: bool) -> None:
        code = self._why_not_join(pk, number, device, move=move)
        member = self.user(pk)
        done = self.attempt(
            "join", lambda: join_call(member=member, call_id=number, device=Device(device), move=move), code
        )
        if done is not None:
            self._entered(number, pk, device)

    def _entered(self, number: int, pk: int, device: UUID) -> None:
        part = self.calls[number].people.get(pk)
        if part is None or (part.state, part.device) != ("joined", device):
            self.calls[number].enter(pk, device, self.now)
            self._busy_for_others(pk)

    def _busy_for_others(self, pk: int) -> None:
        """People who answered one call are busy for other callers."""
        for number in self.live():
            call = self.calls[number]
            part = call.people.get(pk)
            if part and part.state == "ringing" and not part.withheld:
                part.state = "busy"
                call.end(self.now, "busy")

    @happens(2, lambda rules: rules.calls)
    def decline(self, data: Data) -> None:
        number = self.a_call(data)
        call = self.calls[number]
        pk = self.someone(data, call.people)
        part = call.people.get(pk)
        code = "not_found" if pk not in self.members(call.room) or (part and part.withheld) else ""
        member = self.user(pk)
        self.attempt("decline", lambda: decline_call(member=member, call_id=number), code)
        if not code and part and part.state == "ringing":
            part.state = "declined"
            call.end(self.now, "declined")

    @happens(4, lambda rules: rules.calls)
    def leave(self, data: Data) -> None:
        number = self.a_call(data)
        call = self.calls[number]
        pk = self.someone(data, call.joined)
        part = call.people.get(pk)
        own = part.device if part and part.device else self.devices[pk][0]
        device = data.draw(st.sampled_from([own, own, own, *self.devices[pk]]), "device")
        code = "not_found" if pk not in self.members(call.room) or (part and part.withheld) else ""
        member = self.user(pk)
        closed = data.draw(st.sampled_from([False, False, False, True]), "page closed")
        work = functools.partial(leave_call, member=member, call_id=number, device=device, closed=closed)
        self.attempt("close page" if closed else "leave", work, code)
        if code or not part or part.state != "joined" or part.device != device:
            return
        if closed:
            # Perhaps it is only loaded again.
            call.out(pk, awaited=True)
            part.seen = self.now - (RECOVER - RELOAD)
        elif call.direct:
            call.end(self.now, "cancelled" if call.answered is None else "ended")
        else:
            call.out(pk)
        call.settle(self.now)

    # Time, and pages that are gone

    @happens(3, lambda rules: rules.live())
    def lose_a_page(self, data: Data) -> None:
        call = self.calls[data.draw(st.sampled_from(self.live()), "call")]
        if call.joined:
            device = call.people[data.draw(st.sampled_from(sorted(call.joined)), "person")].device
            assert device
            self.dead.add(device)
            self.outcomes["page lost"] += 1

    @happens(6, lambda rules: rules.live())
    def time_passes(self, data: Data) -> None:
        self._wait(data.draw(st.sampled_from([30, 60, 120, 120, 240, 480]), "seconds"))

    def _wait(self, seconds: int) -> None:
        """Time passes and the pages that live say so; then what is overdue ends, twice, which changes nothing more."""
        pass_time(seconds)
        self.shifted += seconds
        for number in self.live():
            call = self.calls[number]
            for pk in call.joined:
                part = call.people[pk]
                if part.device not in self.dead:
                    beat(number, self.world.people[pk], str(part.device))
                    part.seen = self.now
        for _twice in range(2):
            with TestCase.captureOnCommitCallbacks(execute=True):
                end_overdue()
        for number in self.live():
            self._grow_old(self.calls[number])

    def _grow_old(self, call: CallModel) -> None:
        for pk, part in call.people.items():
            silent = self.now - part.seen
            if part.state == "joined" and silent > LOST:
                call.out(pk, awaited=silent <= RECOVER)
                self.outcomes["lost"] += 1
            elif part.awaited and silent > RECOVER:
                part.awaited = False
        if call.direct and call.answered is None and self.now - call.started > RING:
            call.end(self.now, "no_answer")
        call.settle(self.now)

    # Rights that end, and come back

    def _change(self, name: str, work: Callable[[], Any], *, code: str = "") -> bool:
        """Something below calls happens; who is out of a room, or may not talk any more, is out of its call."""
        try:
            with transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
                work()
        except WorksBridgeError as error:
            assert code != "never" or error.code is None, error
            self.outcomes[f"{name}: refused"] += 1
            return False
        self.outcomes[name] += 1
        self.ended_rights += 1
        for number in self.live():
            self._follow(self.calls[number])
        return True

    def _follow(self, call: CallModel) -> None:
        inside = self.members(call.room) - self.inactive
        gone = [pk for pk, part in call.people.items() if pk not in inside and (part.device or part.awaited)]
        gone += [pk for pk, part in call.people.items() if pk not in inside and part.state == "ringing"]
        if self.is_frozen(call.room):
            self.outcomes["ended by a right"] += 1
            # When the last one of a group call goes with the room's last host, it may have ended a moment before.
            call.end(self.now, "not_allowed", *(() if call.direct else ("ended", "no_answer")))
            return
        for pk in gone:
            call.out(pk)
            self.outcomes["dropped"] += 1
        if call.direct and gone:
            call.end(self.now, "not_allowed", "ended", "cancelled", "no_answer")
        call.settle(self.now)

    def a_company(self, data: Data) -> Company:
        return data.draw(st.sampled_from(self.world.companies), "company")

    @happens(3, lambda rules: rules.live())
    def end_a_right(self, data: Data) -> None:
        company = self.a_company(data)
        what = data.draw(st.sampled_from(["switch", "partner", "withdraw", "withdraw"]), "what")
        if what == "switch":
            self._change("switch off", lambda: set_external_connection(company=company, allows=False, actor=None))
        elif what == "partner":
            partner = data.draw(st.sampled_from([one for one in self.world.companies if one != company]), "partner")
            self._change("deny", lambda: decide(company=company, partner=partner, decision="deny", actor=None))
        else:
            pool = [pk for number in self.live() for pk in self.calls[number].people] or self.pks
            pk = data.draw(st.sampled_from(sorted(pool)), "member")
            member = self.user(pk)
            assert member.company
            self._change("withdraw", lambda: withdraw_members(company=member.company, members=[member], actor=None))

    @happens(8, lambda rules: rules.ended_rights > 2)
    def open_again(self, data: Data) -> None:
        """What opens revives no call (I13); the 1:1 rooms are reconnected, people added again."""
        for company in self.world.companies:
            set_external_connection(company=company, allows=True, actor=None)
            staff = [person for person in self.world.people.values() if person.company_id == company.pk]
            grant_members(company=company, members=staff, actor=None)
            for partner in self.world.companies:
                if partner != company:
                    decide(company=company, partner=partner, decision="policy", actor=None)
        for room in self.rooms.values() if data.draw(st.sampled_from([True, True, False]), "everything") else ():
            self._reopen(room)
        self._change("open again", lambda: None)
        self.ended_rights = 0

    def _reopen(self, room: Room) -> None:
        if room.kind == Room.Kind.DIRECT:
            one, other = (self.user(pk) for pk in self.pair(room.pk))
            self._change("reconnect", lambda: reopen_direct_room(member=one, other=other))
            return
        master = Membership.objects.filter(room=room, ended_at=None, role="master", member__is_active=True).first()
        missing = [self.user(pk) for pk in self.first_members[room.pk] - self.members(room.pk) - self.inactive]
        if master and missing:
            asker = self.user(master.member_id)
            self._change("add", lambda: add_members(master=asker, room_id=room.pk, people=missing, opens=True))

    @property
    def first_members(self) -> dict[int, set[int]]:
        rows = Membership.objects.filter(room__in=self.world.groups).values_list("room_id", "member_id")
        return {room.pk: {member for pk, member in rows if pk == room.pk} for room in self.world.groups}

    @happens(3, lambda rules: rules.live())
    def go_out_of_a_room(self, data: Data) -> None:
        groups = [self.calls[number].room for number in self.live() if not self.calls[number].direct]
        room = data.draw(st.sampled_from(groups * 3 + [one.pk for one in self.world.groups]), "room")
        inside = sorted(self.members(room) - self.inactive)
        if not inside:
            return
        number = self.live_in(room)
        joined = sorted(self.calls[number].joined & set(inside)) if number else []
        pk = data.draw(st.sampled_from(joined * 3 + inside), "person")
        master = Membership.objects.filter(room=room, ended_at=None, role="master", member__is_active=True).first()
        if data.draw(st.booleans(), "removed") and master and master.member_id != pk:
            asker = self.user(master.member_id)
            self._change("remove", lambda: remove_member(master=asker, room_id=room, member_id=pk))
        else:
            self._change("leave room", lambda: leave_room(member=self.user(pk), room_id=room))

    @happens(1, lambda rules: rules.live() and len(rules.inactive) < 2)
    def deactivate(self, data: Data) -> None:
        pool = [pk for number in self.live() for pk in self.calls[number].people if pk not in self.inactive]
        if pool:
            pk = data.draw(st.sampled_from(sorted(pool)), "member")
            self.inactive.add(pk)
            self._change("deactivate", lambda: deactivate_member(member=self.user(pk), actor=None))

    @happens(2, lambda rules: rules.inactive)
    def reactivate(self, data: Data) -> None:
        pk = data.draw(st.sampled_from(sorted(self.inactive)), "member")
        self.inactive.discard(pk)
        self._change("reactivate", lambda: reactivate_member(member=self.user(pk), actor=None))

    # Blocks

    @happens(1, lambda rules: len(rules.blocks) < 3)
    def ring_and_block(self, data: Data) -> None:
        """Of two who are about to talk one blocks the other."""
        rooms = [room.pk for room in self.world.directs if room.is_external and not self.is_frozen(room.pk)]
        if rooms:
            room = data.draw(st.sampled_from(rooms), "room")
            one, other = data.draw(st.permutations(self.pair(room)), "who blocks whom")
            for pk in data.draw(st.sampled_from([(one,), (other,), (one, other)]), "who calls"):
                if pk not in self.inactive:
                    self._start(room, pk, self.a_device(data, pk), "voice")
            self._block(one, other)

    @happens(4, lambda rules: rules.calling_abroad() and len(rules.blocks) < 3)
    def block(self, data: Data) -> None:
        pairs = [pair for room in self.calling_abroad() for pair in (self.pair(room), self.pair(room)[::-1])]
        free = [pair for pair in pairs if pair not in self.blocks]
        if not free:
            return
        one, other = data.draw(st.sampled_from(free), "who blocks whom")
        self._block(one, other)

    def calling_abroad(self) -> list[int]:
        """The 1:1 rooms of two companies in which a call goes on."""
        return [room.pk for room in self.world.directs if room.is_external and self.live_in(room.pk)]

    def _block(self, one: int, other: int) -> None:
        member, person = self.user(one), self.user(other)
        with TestCase.captureOnCommitCallbacks(execute=True):
            block_external_user(member=member, person=person)
        self.blocks.add((one, other))
        self.outcomes["block"] += 1
        for number in self.live():
            call = self.calls[number]
            if not call.direct or set(self.pair(call.room)) != {one, other}:
                continue
            self.outcomes["block in a call"] += 1
            if call.answered is not None or call.people[other].state == "ringing":
                # Nobody is told: it looks as if the blocker had hung up.
                call.end(self.now, "cancelled" if call.answered is None else "ended")
            elif call.people[one].state == "ringing":
                call.people[one].withheld = True
            else:
                call.end(self.now, "cancelled")

    @happens(1, lambda rules: rules.blocks)
    def unblock(self, data: Data) -> None:
        pair = data.draw(st.sampled_from(sorted(self.blocks)), "pair")
        member, person = (self.user(pk) for pk in pair)
        unblock_external_user(member=member, person=person)
        self.blocks.discard(pair)

    # What must hold after every step

    @invariant()
    def the_product_is_as_the_model_says(self) -> None:
        check_constraints()
        rows = Call.objects.select_related("room").in_bulk()
        assert rows.keys() == self.calls.keys()
        live = [call.room_id for call in rows.values() if call.ended_at is None]
        assert len(live) == len(set(live)), "two live calls in a room"
        joined = Participant.objects.filter(state="joined").values_list("member_id", flat=True)
        assert len(joined) == len(set(joined)), "a member in two calls"
        for number, call in rows.items():
            state = (call.rev, call.ended_at, str(self.calls[number]))
            if self.seen.get(number) != state:
                self._same(call, self.calls[number])
                self.seen[number] = state
        self._who_knows()

    def _same(self, call: Call, model: CallModel) -> None:
        said = snapshot(call)
        assert said["state"] == call.state == model.state, (call.pk, said["state"], model)
        assert (call.answered_at is not None) == (model.answered is not None), (call.pk, model)
        if model.ended is not None:
            assert said["outcome"] in model.outcomes, (call.pk, said["outcome"], model)
        parts = {one.member_id: one for one in Participant.objects.filter(call=call)}
        assert {pk: one.state for pk, one in parts.items()} == {pk: one.state for pk, one in model.people.items()}, (
            call.pk,
            model,
        )
        for pk, part in model.people.items():
            assert (parts[pk].device if part.state == "joined" else None) == part.device
        shown = {one["member"]: one for one in said["people"]}
        assert shown.keys() == (model.people.keys() if model.direct else model.joined)
        for pk, one in shown.items():
            assert one["state"] == model.people[pk].state
            assert one["device"] == str(model.people[pk].device or "")
            if model.ended is None and one["state"] in ("joined", "left"):
                assert one["lost"] == model.people[pk].awaited, (call.pk, pk, model)
        if not model.direct:
            order = sorted(model.joined, key=lambda pk: (parts[pk].joined_at, parts[pk].pk))
            assert [one["member"] for one in said["people"]] == order

    def _who_knows(self) -> None:
        """Rings are shown to exactly those for whom they ring, and calls to nobody from whom they are withheld."""
        members = {number: self.members(self.calls[number].room) for number in self.live()}
        parts = [(number, str(self.calls[number].people), inside) for number, inside in members.items()]
        if parts == self.looked_at:
            return
        self.looked_at = parts
        self.step += 1
        # Those it concerns and the others, some of them each time.
        concerned = {pk for number in members for pk in self.calls[number].people}
        for pk in {*sorted(concerned)[self.step % 2 :: 2], *self.pks[self.step % 5 :: 5]}:
            person, parts_of = self.world.people[pk], {number: self.calls[number].people.get(pk) for number in members}
            withheld = {number for number, part in parts_of.items() if part and part.withheld}
            ringing = {number for number, part in parts_of.items() if part and part.state == "ringing"} - withheld
            assert {one.call.pk for one in rings_for(person)[0]} == ringing, pk
            knowing = {number for number, inside in members.items() if pk in inside} - withheld
            assert set(Call.objects.known_to(person.pk).live().values_list("pk", flat=True)) == knowing, pk
        for number in members:
            self._signals(number)

    def _signals(self, number: int) -> None:
        """I33: signals pass only between those who are in it, with the pages with which they are."""
        call = self.calls[number]
        pairs = [(one, other) for one in sorted(call.people) for other in self.pks]
        for one, other in sorted(pairs, key=lambda pair: not {*pair} <= call.joined)[self.step % 5 :: 13]:
            self.step += 1
            pages = [part.device if part else None for part in map(call.people.get, (one, other))]
            frame = {"call": number, "device": str(pages[0] or self.devices[one][0]), "to": other}
            frame |= {"to_device": str(pages[1] or self.devices[other][0])}
            frame |= {"data": {"description": {"type": "offer", "sdp": "v=0\r\n"}}}
            passes = one != other and {one, other} <= call.joined
            try:
                relay(one, frame)
            except WorksBridgeError as error:
                assert (passes, error.code) == (False, "not_found")
                self.outcomes["no signal"] += 1
            else:
                assert passes
                self.outcomes["signal"] += 1

    # The end of every history

    def come_to_an_end(self) -> None:
        """Everybody goes to sleep: all calls end by themselves, and what is kept of them is right."""
        for call in self.calls.values():
            self.dead |= {part.device for part in call.people.values() if part.device}
        for _round in range(3):
            if self.live():
                self._wait(480)
        assert not Call.objects.filter(ended_at=None).exists()
        assert not Participant.objects.filter(state__in=["ringing", "joined"]).exists()
        assert not Call.objects.filter(told_at=None).exists()
        rows = {pk: {row.call.pk: row for row in calls_page(self.user(pk)).page} for pk in self.pks}
        for number, call in Call.objects.select_related("room").in_bulk().items():
            model = self.calls[number]
            self._kept(call, model)
            for pk in self.pks:
                part = model.people.get(pk)
                listed = part is not None and not part.withheld and pk in self.members(model.room)
                assert (number in rows[pk]) == listed, (number, pk, model)
                if listed:
                    self._row(rows[pk][number], pk, model)
        self._missed()

    def _kept(self, call: Call, model: CallModel) -> None:
        """The length, and the line in the room: once, seen by everyone from whom the call was not withheld."""
        assert model.ended is not None
        if model.answered is None:
            assert call.seconds is None
        else:
            length = (call.ended_at - call.answered_at).total_seconds()
            # Less than the shortest time that passes at once, more than a slow machine takes for one step.
            assert abs(length - (model.ended - model.answered)) < 25, (length, model)
            assert call.seconds == int(length)
        told = lines_of(call.pk)
        ending = [line for line in told if line.data["call"]["outcome"] == call.outcome]
        assert len(ending) == 1, (call.pk, [line.data for line in told])
        assert len(told) == (1 if model.direct else 2)
        for pk, part in model.people.items():
            if part.withheld:
                assert lines_of(call.pk, self.world.people[pk]) == []

    def _row(self, row: Any, pk: int, model: CallModel) -> None:
        part = model.people[pk]
        expected = "outgoing" if pk == model.starter else "incoming" if part.has_joined else "missed"
        if part.state == "declined":
            expected = "declined"
        assert row.direction == expected, (row.call.pk, pk, model)
        assert (row.seconds is None) == (model.answered is None)

    def _missed(self) -> None:
        """One notice for each call that somebody missed, and none for those who were not rung."""
        expected: Counter[int] = Counter()
        for model in self.calls.values():
            if model.direct and model.answered is None:
                other = self.other(model.room, model.starter)
                part = model.people[other]
                if part.state in ("missed", "busy") and not part.withheld and not model.outcomes & {"not_allowed"}:
                    expected[other] += 1
        told = Counter(Notification.objects.filter(kind="call.missed").values_list("recipient", flat=True))
        assert told == expected


@pytest.mark.timeout(depth(test=300, soak=3600))
@pytest.mark.django_db
def test_i09_i13_i15_i33_i34_calls_do_what_the_product_says(settings: Any) -> None:
    without_media_servers(settings)
    settings.CALLS_RING_SECONDS, settings.CALLS_LOST_SECONDS, settings.CALLS_RECOVER_SECONDS = RING, LOST, RECOVER

    class Machine(CallRules):
        world = make_world()
        outcomes = Counter()

    run_state_machine_as_test(Machine, settings=PROFILE)
    print(f"\n{dict(sorted(Machine.outcomes.items()))}")
    done = ("start", "join", "decline", "leave", "lost", "dropped", "ended by a right", "block in a call", "signal")
    assert min(Machine.outcomes[name] for name in done) > 0, Machine.outcomes
    # Each of these needs several things to come together; the cases themselves are in test_direct_calls.py.
    refused = ("join: over", "join: elsewhere", "join: in_call", "join: not_found", "start: blocked")
    assert not SOAK or min(Machine.outcomes[name] for name in refused) > 0, Machine.outcomes
