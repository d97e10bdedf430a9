"""Calls in a storm: people call, answer and hang up while rights end and come back, with real connections."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import Company, User
from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
from calls.actions.status import set_status
from calls.actions.timeouts import end_overdue
from calls.device import Device
from calls.models import Call, Participant
from calls.presence import Heartbeat, mark_present
from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import open_direct_room, reopen_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Membership, Message, Room
from tests.calls.ring import lines_of, without_media_servers
from tests.cast import Cast, make_members
from tests.decisions import decide, set_member_grant
from tests.depth import depth
from worksbridge.errors import WorksBridgeError

SECONDS = depth(test=1.5, soak=120)
PATIENCE = depth(test=30, soak=3)
CLOSES = ("withdraw", "switch off", "deactivate", "deny", "remove")
Work = Callable[[], None]
DEADLOCK = "40P01"
GUARDS = {"WB001", "WB002", "WB003", "23505", DEADLOCK}

# One snapshot, in one statement: whatever must not be, and how much there was to go wrong.
SNAPSHOT = """
WITH live AS (
    SELECT c.id AS call, c.room_id AS room, p.member_id AS member, p.state, u.company_id AS company,
           r.kind, r.frozen_at, r.is_external
    FROM calls_call c
    JOIN calls_participant p ON p.call_id = c.id AND p.state IN ('joined', 'ringing')
    JOIN accounts_user u ON u.id = p.member_id
    JOIN messaging_room r ON r.id = c.room_id
    WHERE c.ended_at IS NULL
)
SELECT
    (SELECT count(*) FROM live WHERE NOT EXISTS (
        SELECT 1 FROM messaging_membership m
        WHERE m.room_id = live.room AND m.member_id = live.member AND m.ended_at IS NULL)) AS without_membership,
    (SELECT count(*) FROM live a JOIN live b ON b.call = a.call AND a.company < b.company WHERE NOT EXISTS (
        SELECT 1 FROM federation_link l
        WHERE l.is_open AND l.company_a_id = a.company AND l.company_b_id = b.company)) AS across_closed_links,
    (SELECT count(*) FROM live a JOIN live b ON b.call = a.call AND a.company <> b.company WHERE NOT EXISTS (
        SELECT 1 FROM federation_availability v WHERE v.member_id = a.member AND v.ended_at IS NULL)) AS not_granted,
    (SELECT count(*) FROM live WHERE frozen_at IS NOT NULL) AS in_frozen_rooms,
    (SELECT count(*) FROM (SELECT room_id FROM calls_call WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1) s)
        AS two_in_a_room,
    (SELECT count(*) FROM (SELECT member_id FROM calls_participant WHERE state = 'joined'
        GROUP BY 1 HAVING count(*) > 1) s) AS in_two_calls,
    (SELECT count(*) FROM calls_participant p JOIN calls_call c ON c.id = p.call_id
        WHERE c.ended_at IS NOT NULL AND p.state IN ('joined', 'ringing')) AS in_ended_calls,
    (SELECT count(*) FROM (SELECT call FROM live WHERE kind = 'group' AND state = 'joined'
        GROUP BY 1 HAVING count(*) > 4) s) AS too_many,
    (SELECT count(DISTINCT a.call) FROM live a JOIN live b ON b.call = a.call AND a.company < b.company) AS mixed_calls
"""
JOIN_BY_HAND = """
INSERT INTO calls_participant
    (call_id, member_id, state, withheld, device, feed, joined_at, seen_at, mic, camera, screen)
VALUES (%(call)s, %(member)s, 'joined', false, %(device)s, 1, now(), now(), true, false, false)
ON CONFLICT (call_id, member_id) DO UPDATE
SET state = 'joined', device = excluded.device, joined_at = now(), seen_at = now(), withheld = false
"""


def snapshot() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        columns = [column.name for column in cursor.description]
        return dict(zip(columns, cursor.fetchone(), strict=True))


def wrong_in(seen: dict[str, int]) -> set[str]:
    return {name for name, number in seen.items() if number and name != "mixed_calls"}


def sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


class Storm:
    """Threads that work until the time is used up, and what came of it."""

    def __init__(self, seconds: float = 0) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []
        # Deadlocks that PostgreSQL broke up, also when an action then tried again.
        self.deadlocks: Counter[str] = Counter()
        # What SQL by hand may do: how many are too many for their browsers, the database does not know.
        self.expected: set[str] = set()
        self.slowest = 0.0
        self.mixed = 0
        # A slow machine works longer, up to PATIENCE times as long, until what the storm is for has happened.
        self.enough: Callable[[], bool] = lambda: True
        self._seconds = seconds
        self._lock = threading.Lock()
        self._doing = threading.local()

    def run(self, works: Sequence[Work]) -> None:
        """All of these at once, again and again."""
        now = time.monotonic()
        times = (now + self._seconds, now + self._seconds * PATIENCE)
        threads = [threading.Thread(target=self._work, args=(work, *times)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, work: Work, until: float, latest: float) -> None:
        try:
            with connection.execute_wrapper(self._count_deadlocks):
                while not self.failures and ((now := time.monotonic()) < until or (now < latest and not self.enough())):
                    work()
        except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
            self.failures.append(f"thread ended: {error!r}")
        finally:
            connections.close_all()

    def _count_deadlocks(self, execute: Callable[..., object], *query: object) -> object:
        try:
            return execute(*query)
        except DatabaseError as error:
            if sqlstate(error) == DEADLOCK:
                self.count(f"deadlock in {getattr(self._doing, 'name', '?')}", self.deadlocks)
            raise

    def count(self, name: str, where: Counter[str] | None = None) -> None:
        with self._lock:
            (self.outcomes if where is None else where)[name] += 1

    def act(self, name: str, work: Callable[[], Any]) -> Any:
        """One try through the product's own action: done, or refused with a reason; anything else is a failure."""
        self._doing.name, started = name, time.monotonic()
        try:
            found = work()
        except WorksBridgeError as error:
            self.count(f"{name}: {error.code}")
            return None
        except Exception as error:  # noqa: BLE001  (reported with what was tried)
            self.failures.append(f"{name}: {error!r} {error.__cause__!r}")
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - started)
        self.count(name)
        return found

    def by_hand(self, name: str, work: Work) -> None:
        """One try by SQL that asks nobody: done, or stopped by the database's own guards."""
        self._doing.name = name
        try:
            work()
            self.count(name)
        except DatabaseError as error:
            self.count(f"{name}: stopped")
            if sqlstate(error) not in GUARDS:
                self.failures.append(f"{name}: {error!r}")

    def watch(self) -> None:
        """Look at it from outside, again and again."""
        seen = snapshot()
        self.mixed += bool(seen["mixed_calls"])
        if wrong := wrong_in(seen) - self.expected:
            self.failures.append(f"seen: { ({name: seen[name] for name in wrong}) }")
        self.count("snapshots")
        time.sleep(0.04)


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


class Crowd:
    """What people do in the storm; each method is one try."""

    def __init__(self, storm: Storm, world: World) -> None:
        self.storm = storm
        self.world = world

    def _a_room(self) -> Room:
        """Mostly one that can be called into."""
        rooms = [*self.world.directs, *self.world.groups * 2]
        fine = Room.objects.filter(frozen_at=None, memberships__ended_at=None, memberships__member__is_active=True)
        able = fine.filter(pk__in=[room.pk for room in rooms]).order_by("?").first()
        return able if able and random.random() < 0.8 else random.choice(rooms)

    def _device(self, person: User) -> UUID:
        return self.world.devices[person.pk] if random.random() < 0.8 else uuid4()

    def call(self) -> None:
        room = self._a_room()
        person = random.choice(self.world.inside(room))
        device = self._device(person)
        self.storm.act("start", lambda: start_call(member=person, room_id=room.pk, kind="voice", device=Device(device)))

    def answer(self) -> None:
        call = Call.objects.filter(ended_at=None).select_related("room").order_by("?").first()
        if call is None:
            return self.call()
        person = random.choice(self.world.inside(call.room))
        device, move = self._device(person), random.random() < 0.3
        self.storm.act("join", lambda: join_call(member=person, call_id=call.pk, device=Device(device), move=move))
        return None

    def hang_up(self) -> None:
        live = Participant.objects.filter(state="joined").select_related("member__company").order_by("?")
        for one in live[:2]:
            member, call, device = one.member, one.call_id, one.device
            assert device
            act = random.random()
            if act < 0.5:
                self.storm.act("leave", lambda: leave_call(member=member, call_id=call, device=device))  # noqa: B023
            elif act < 0.6:
                closed = {"closed": True}
                self.storm.act("close page", lambda: leave_call(member=member, call_id=call, device=device, **closed))  # noqa: B023
            else:
                self.storm.act("status", lambda: self._switch(member, call, device))  # noqa: B023
        time.sleep(random.random() / 100)

    @staticmethod
    def _switch(member: User, call: int, device: UUID) -> None:
        flags = {name: random.random() < 0.5 for name in ("mic", "camera", "screen")}
        set_status(member_id=member.pk, call_id=call, device=device, **flags)

    def decline(self) -> None:
        one = Participant.objects.filter(state="ringing").select_related("member__company").order_by("?").first()
        if one is not None and random.random() < 0.3:
            self.storm.act("decline", lambda: decline_call(member=one.member, call_id=one.call_id))
        time.sleep(random.random() / 50)

    def live(self) -> None:
        """The signs of life of all pages, and the clock."""
        rows = Participant.objects.filter(state="joined").values_list("call_id", "member_id", "device")
        self.storm.act(
            "beats", lambda: mark_present([Heartbeat(call, pk, device, 0) for call, pk, device in rows if device])
        )
        self.storm.act("overdue", end_overdue)
        time.sleep(random.random() / 20)

    def go(self) -> None:
        room = random.choice(self.world.groups)
        inside = self.world.inside(room)
        person = random.choice(inside)
        row = (
            Membership.objects.filter(room=room, ended_at=None, role="master").select_related("member__company").first()
        )
        if row is None:
            return
        master = row.member
        if master.pk == person.pk or random.random() < 0.3:
            self.storm.act("leave room", lambda: leave_room(member=person, room_id=room.pk))
        else:
            self.storm.act("remove", lambda: remove_member(master=master, room_id=room.pk, member_id=person.pk))
        time.sleep(random.random() / 5)

    def come(self) -> None:
        """Whoever is out is added again, all of them or one."""
        room = random.choice(self.world.groups)
        rows = Membership.objects.filter(room=room).select_related("member__company")
        masters = [row.member for row in rows if row.ended_at is None and row.role == "master" and row.member.is_active]
        gone = [row.member for row in rows if row.ended_at is not None]
        if masters and gone:
            for people in (gone, random.sample(gone, 1)):
                if self.storm.act("add", lambda: self._add(room, masters[0], people)):  # noqa: B023
                    break
        time.sleep(random.random() / 50)

    @staticmethod
    def _add(room: Room, master: User, people: list[User]) -> list[User]:
        return add_members(master=master, room_id=room.pk, people=people, opens=True)

    def meet(self) -> None:
        room = random.choice([one for one in self.world.directs if one.is_external])
        one, other = random.sample([room.low, room.high], 2)
        if random.random() < 0.1:
            self.storm.act("block", lambda: block_external_user(member=one, person=other))
            self.storm.act("unblock", lambda: unblock_external_user(member=one, person=other))
        else:
            self.storm.act("reconnect", lambda: reopen_direct_room(member=one, other=other))
        time.sleep(random.random() / 100)

    def write(self) -> None:
        """Batches as the writer makes them lock several rooms, as calls do."""
        rooms = random.sample(self.world.rooms, 3)
        drafts = [Draft(room.pk, random.choice(self.world.inside(room)).pk, uuid4(), "Said") for room in rooms]
        self.storm.act("send", lambda: send_messages(drafts))
        time.sleep(random.random() / 50)

    def by_hand(self) -> None:
        call = Call.objects.filter(ended_at=None).order_by("?").first()
        if call is None:
            return self.call()
        values = {"call": call.pk, "member": random.choice(self.world.people).pk, "device": uuid4()}

        def insert() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM calls_participant WHERE call_id = %s AND state = 'joined'", [call.pk]
                )
                if cursor.fetchone()[0] < 4:
                    cursor.execute(JOIN_BY_HAND, values)

        self.storm.by_hand("join by hand", insert)
        return None


class Administrators:
    """What closes and opens; each method is one round."""

    def __init__(self, storm: Storm, world: World) -> None:
        self.storm = storm
        self.world = world

    def _company(self) -> tuple[Company, list[User]]:
        number = random.randrange(3)
        return self.world.companies[number], self.world.staff[number]

    def switch(self) -> None:
        company, _staff = self._company()
        self._round(
            "switch off",
            lambda: set_external_connection(company=company, allows=False, actor=None),
            lambda: set_external_connection(company=company, allows=True, actor=None),
        )

    def deny(self) -> None:
        one, other = random.sample(self.world.companies, 2)
        self._round(
            "deny",
            lambda: decide(company=one, partner=other, decision="deny", actor=None),
            lambda: decide(company=one, partner=other, decision="policy", actor=None),
        )

    def withdraw(self) -> None:
        company, staff = self._company()
        people = random.sample(staff, 2)
        self._round(
            "withdraw",
            lambda: withdraw_members(company=company, members=people, actor=None),
            lambda: grant_members(company=company, members=people, actor=None),
        )

    def deactivate(self) -> None:
        _company, staff = self._company()
        pk = random.choice(staff).pk
        self._round(
            "deactivate",
            lambda: deactivate_member(member=User.objects.get(pk=pk), actor=None),
            lambda: reactivate_member(member=User.objects.get(pk=pk), actor=None),
        )

    def _round(self, name: str, close: Work, reopen: Work) -> None:
        self.storm.act(name, close)
        time.sleep(random.random() / 50)
        self.storm.act("open again", reopen)
        # Open for longer than closed: a storm in which nearly all is refused proves little.
        time.sleep(random.random() * 1.5)


def storm_over(cast: Cast, *wanted: str, by_hand: int, seconds: float) -> tuple[Storm, World]:
    """A storm in which all that is wanted happens."""
    world, storm = World(cast), Storm(seconds)

    def enough() -> bool:
        return storm.mixed > 10 and all(storm.outcomes[name] for name in wanted)

    storm.enough = enough
    storm.expected = {"too_many"} if by_hand else set()
    crowd, administrators = Crowd(storm, world), Administrators(storm, world)
    assert wrong_in(snapshot()) == set()
    closers = [administrators.switch, administrators.deny, administrators.withdraw, administrators.deactivate]
    others = [crowd.hang_up, crowd.decline, crowd.live, crowd.go, crowd.come, crowd.meet, crowd.write]
    callers = [crowd.call, crowd.answer, crowd.answer] + [crowd.by_hand] * by_hand
    storm.run([*callers, *others, *closers, storm.watch])
    print(f"\n{dict(sorted(storm.outcomes.items()))}\nslowest {storm.slowest:.2f} s, deadlocks {dict(storm.deadlocks)}")
    assert storm.failures == [], "\n".join(storm.failures[:20])
    assert wrong_in(snapshot()) <= storm.expected
    assert enough(), storm.outcomes
    return storm, world


@pytest.fixture(autouse=True)
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    without_media_servers(settings)
    # Threads hand over more often: otherwise each waits for all the others after every query.
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    # Nobody listens, and handing pushes to Valkey from a thread without a loop would take most of the time.
    monkeypatch.setattr("worksbridge.live.push.publish", lambda message: None)
    yield
    sys.setswitchinterval(before)


@pytest.mark.timeout(depth(test=150, soak=600))
@pytest.mark.django_db(transaction=True)
def test_i09_i11_i34_actions_alone_lock_in_one_order_and_leave_nothing_open(cast: Cast) -> None:
    storm, world = storm_over(cast, "start", "join", "leave", by_hand=0, seconds=SECONDS)
    assert storm.deadlocks == {}, "trying again hides this from whoever asked, but a close then takes a second longer"
    assert sum(storm.outcomes[name] for name in CLOSES) > 0
    everything_ends(world)


@pytest.mark.timeout(depth(test=150, soak=600))
@pytest.mark.django_db(transaction=True)
def test_i09_sql_by_hand_in_a_storm_gets_nobody_in(cast: Cast) -> None:
    _storm, world = storm_over(cast, "join by hand", "join by hand: stopped", by_hand=3, seconds=SECONDS / 2)
    everything_ends(world)


def everything_ends(world: World) -> None:
    """After the storm: who closes ends all that crosses; the pages fall silent and all calls end, each told once."""
    for company in world.companies:
        set_external_connection(company=company, allows=False, actor=None)
    assert wrong_in(snapshot()) == set()
    assert snapshot()["mixed_calls"] == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE calls_participant SET seen_at = seen_at - interval '60 s' WHERE seen_at IS NOT NULL")
    for _round in range(2):
        end_overdue()
    assert not Call.objects.filter(ended_at=None).exists()
    assert not Call.objects.filter(outcome="").exists()
    # Those that ended in somebody else's transaction are told of after it, by the clock at the latest.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM calls_call WHERE told_at IS NULL")
        untold = cursor.fetchone()[0]
    assert untold == 0
    for call in Call.objects.all():
        ending = [line for line in lines_of(call.pk) if line.data["call"]["outcome"] == call.outcome]
        assert len(ending) == 1, (call.pk, call.outcome)
    for room in world.rooms:
        said = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
        assert said == list(range(1, Room.objects.get(pk=room.pk).rev + 1))


# --- Two at the same moment ---


def together(*works: Callable[[], Any]) -> tuple[list[Any], Storm]:
    """Do these at the same moment, each in a thread of its own. Returns what each gave, None for a refusal."""
    storm, barrier = Storm(), threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def do(number: int) -> None:
        with connection.execute_wrapper(storm._count_deadlocks):
            connection.ensure_connection()
            barrier.wait()
            found[number] = storm.act(str(number), works[number])
        connections.close_all()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storm.failures == []
    assert storm.deadlocks == {}
    return found, storm


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_i34_two_who_call_each_other_at_the_very_moment_get_one_call(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(8):
        devices = [uuid4(), uuid4()]
        calls, _storm = together(
            lambda: start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(devices[0])),  # noqa: B023
            lambda: start_call(member=cast.sato, room_id=room.pk, kind="voice", device=Device(devices[1])),  # noqa: B023
        )
        assert calls[0].pk == calls[1].pk
        assert Participant.objects.filter(call=calls[0], state="joined").count() == 2
        assert Call.objects.filter(ended_at=None).count() == 1
        leave_call(member=cast.kim, call_id=calls[0].pk, device=devices[0])


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_i34_two_pages_that_answer_at_the_very_moment_yield_one(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(8):
        mine, pages = uuid4(), [uuid4(), uuid4()]
        call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
        _found, storm = together(
            lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(pages[0])),  # noqa: B023
            lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(pages[1])),  # noqa: B023
        )
        assert sorted(name.split(": ")[-1] for name in storm.outcomes if ":" in name) == ["elsewhere"]
        assert Participant.objects.get(call=call, member=cast.sato).device in pages
        leave_call(member=cast.kim, call_id=call.pk, device=mine)


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_one_who_answers_two_calls_at_the_very_moment_is_in_one(cast: Cast) -> None:
    rooms = [open_direct_room(member=other, other=cast.sato) for other in (cast.kim, cast.ito)]
    for _round in range(8):
        own = [uuid4(), uuid4()]
        calls = [
            start_call(member=other, room_id=room.pk, kind="voice", device=Device(device))
            for other, room, device in zip((cast.kim, cast.ito), rooms, own, strict=True)
        ]
        found, storm = together(
            lambda: join_call(member=cast.sato, call_id=calls[0].pk, device=Device(uuid4())),  # noqa: B023
            lambda: join_call(member=cast.sato, call_id=calls[1].pk, device=Device(uuid4())),  # noqa: B023
        )
        assert len([one for one in found if one]) == 1, storm.outcomes
        assert Participant.objects.filter(member=cast.sato, state="joined").count() == 1
        for other, call, device in zip((cast.kim, cast.ito), calls, own, strict=True):
            leave_call(member=other, call_id=call.pk, device=device)
        assert not Call.objects.filter(ended_at=None).exists()


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["answer", "cancel", "decline"])
def test_i12_whoever_acts_while_the_link_closes_is_out_of_the_call(cast: Cast, how: str) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    for _round in range(4):
        mine = uuid4()
        call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
        acts = {
            "answer": lambda: join_call(member=cast.sato, call_id=call.pk, device=Device(uuid4())),  # noqa: B023
            "cancel": lambda: leave_call(member=cast.kim, call_id=call.pk, device=mine),  # noqa: B023
            "decline": lambda: decline_call(member=cast.sato, call_id=call.pk),  # noqa: B023
        }
        together(acts[how], lambda: set_external_connection(company=cast.beta, allows=False, actor=None))
        assert wrong_in(snapshot()) == set()
        call.refresh_from_db()
        assert call.ended_at is not None
        assert call.told_at is not None
        assert len(lines_of(call.pk)) == 1
        set_external_connection(company=cast.beta, allows=True, actor=None)
        reopen_direct_room(member=cast.kim, other=cast.sato)


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["hang up", "leave the room", "close"])
def test_i09_sql_by_hand_that_waits_for_an_ending_gets_nobody_in(cast: Cast, ending: str) -> None:
    """It has begun before the ending was committed, and is let on after it."""
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Room")
    mine, storm = uuid4(), Storm()
    call = start_call(member=cast.kim, room_id=room.pk, kind="voice", device=Device(mine))
    endings: dict[str, Work] = {
        "hang up": lambda: leave_call(member=cast.kim, call_id=call.pk, device=mine),
        "leave the room": lambda: leave_room(member=cast.sato, room_id=room.pk),
        "close": lambda: set_external_connection(company=cast.beta, allows=False, actor=None),
    }

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(JOIN_BY_HAND, {"call": call.pk, "member": cast.sato.pk, "device": uuid4()})

    def by_hand() -> None:
        storm.by_hand("join by hand", insert)
        connections.close_all()

    thread = threading.Thread(target=by_hand)
    with transaction.atomic():
        endings[ending]()
        thread.start()
        time.sleep(0.3)
    thread.join()
    assert storm.failures == []
    assert storm.outcomes == {"join by hand: stopped": 1}
    assert wrong_in(snapshot()) == set()


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_four_at_most_however_many_come_at_once(cast: Cast) -> None:
    people = [cast.kim, cast.lee, cast.admin_alpha, *make_members(cast.alpha, [f"Han {n}" for n in range(4)])]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Room")
    for _round in range(4):
        # Also the first of them, who begin it at the same moment.
        works = [
            lambda one=one: start_call(member=one, room_id=room.pk, kind="voice", device=Device(uuid4()))
            for one in people
        ]
        found, _storm = together(*works)
        assert len({call.pk for call in found if call}) == 1
        assert Participant.objects.filter(state="joined", call__ended_at=None).count() == 4
        for one in Participant.objects.filter(state="joined").select_related("member__company"):
            assert one.device
            leave_call(member=one.member, call_id=one.call_id, device=one.device)
        assert not Call.objects.filter(ended_at=None).exists()
