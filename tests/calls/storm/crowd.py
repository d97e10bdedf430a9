"""What people do in the storm: they call, come and go, write, and try it by SQL."""

import random
import time
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import User
from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
from calls.actions.status import set_status
from calls.actions.timeouts import end_overdue
from calls.device import Device
from calls.models import Call, Participant
from calls.presence import Heartbeat, mark_present
from contacts.actions.block import block_external_user, unblock_external_user
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.rooms import reopen_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.models import Membership, Room
from tests.calls.storm.storm import CallStorm
from tests.calls.storm.world import World

JOIN_BY_HAND = """
INSERT INTO calls_participant
    (call_id, member_id, state, withheld, device, feed, joined_at, seen_at, mic, camera, screen)
VALUES (%(call)s, %(member)s, 'joined', false, %(device)s, 1, now(), now(), true, false, false)
ON CONFLICT (call_id, member_id) DO UPDATE
SET state = 'joined', device = excluded.device, joined_at = now(), seen_at = now(), withheld = false
"""


class Crowd:
    """What people do in the storm; each method is one try."""

    def __init__(self, storm: CallStorm, world: World) -> None:
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
