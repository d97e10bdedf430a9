"""Calls as product.md says they should be, in plain values. People, rooms and calls are numbers."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from calls.actions.leaving import RELOAD
from messaging.models import Membership, Room

# Ten times what the product waits, so that a slow machine changes nothing. In seconds.
RING, LOST, RECOVER = 450, 100, 200
MESH = 4


@dataclass
class Part:
    """Somebody in a call."""

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


class Model:
    """All calls, and who has blocked whom. Who is in which room, and what is frozen, is asked of the product."""

    def __init__(self, rooms: Iterable[Room], outcomes: Counter[str]) -> None:
        self.rooms = {room.pk: room for room in rooms}
        self.outcomes = outcomes
        self.calls: dict[int, CallModel] = {}
        self.blocks: set[tuple[int, int]] = set()
        self.inactive: set[int] = set()
        # Pages that give no sign of life any more.
        self.dead: set[UUID] = set()
        self.shifted = 0.0

    # What is there now

    @property
    def now(self) -> float:
        return time.monotonic() + self.shifted

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

    # What something is refused with; nothing when it must be done

    def why_not_call(self, pk: int, room: int) -> str:
        """Why somebody may not call into a room."""
        if pk not in self.members(room):
            return "not_found"
        if self.is_frozen(room):
            return "frozen"
        if self.rooms[room].kind == Room.Kind.DIRECT and (pk, self.other(room, pk)) in self.blocks:
            return "blocked"
        return ""

    def why_not_start(self, pk: int, room: int, device: UUID) -> str:
        """Why somebody may not start a call; where one goes on, to start is to join it."""
        if code := self.why_not_call(pk, room):
            return code
        if number := self.live_in(room):
            return self.why_not_join(pk, number, device, move=False)
        return "in_call" if self.is_in_a_call(pk) else ""

    def why_not_join(self, pk: int, number: int, device: UUID, *, move: bool) -> str:
        call = self.calls[number]
        if code := self.why_not_know(pk, number):
            return code
        if call.ended is not None:
            return "over"
        if code := self.why_not_call(pk, call.room):
            return code
        part = call.people.get(pk)
        if part and part.state == "joined":
            return "" if move or part.device == device else "elsewhere"
        if self.is_in_a_call(pk, but=number):
            return "in_call"
        return "full" if len(call.joined) >= MESH else ""

    def why_not_know(self, pk: int, number: int) -> str:
        """Why a call does not exist for somebody."""
        call = self.calls[number]
        part = call.people.get(pk)
        return "not_found" if pk not in self.members(call.room) or (part and part.withheld) else ""

    # What follows from what was done

    def begin(self, number: int, room: int, pk: int, device: UUID) -> None:
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

    def call_back(self, number: int, pk: int) -> None:
        """A call that was withheld from somebody who has been unblocked since: calling back is answering."""
        if part := self.calls[number].people.get(pk):
            part.withheld = False

    def enter(self, number: int, pk: int, device: UUID) -> None:
        part = self.calls[number].people.get(pk)
        if part is None or (part.state, part.device) != ("joined", device):
            self.calls[number].enter(pk, device, self.now)
            self._busy_for_others(pk)

    def _busy_for_others(self, pk: int) -> None:
        """Who has taken one call is busy for whoever else rings."""
        for number in self.live():
            call = self.calls[number]
            part = call.people.get(pk)
            if part and part.state == "ringing" and not part.withheld:
                part.state = "busy"
                call.end(self.now, "busy")

    def decline(self, number: int, pk: int) -> None:
        part = self.calls[number].people.get(pk)
        if part and part.state == "ringing":
            part.state = "declined"
            self.calls[number].end(self.now, "declined")

    def leave(self, number: int, pk: int, device: UUID, *, closed: bool) -> None:
        """Hung up, or the page was closed."""
        call = self.calls[number]
        part = call.people.get(pk)
        if not part or part.state != "joined" or part.device != device:
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

    def grow_old(self) -> None:
        """What the calls that go on are after some time."""
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

    def follow(self) -> None:
        """Who is out of a room, or may not talk any more, is out of its call."""
        for number in self.live():
            self._follow(self.calls[number])

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

    def block(self, one: int, other: int) -> None:
        """The first blocks the second."""
        self.blocks.add((one, other))
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
