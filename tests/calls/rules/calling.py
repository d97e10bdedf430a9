"""Steps of the histories: rings, answers and hanging up; pages that are lost, and time."""

import functools
from uuid import UUID

from django.test import TestCase
from hypothesis import strategies as st

from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
from calls.actions.timeouts import end_overdue
from calls.device import Device
from tests.calls.ring import beat, pass_time
from tests.calls.rules.driver import Data, Driver, happens


class Calling(Driver):
    """What people do with calls, and what time does to them."""

    @happens(4)
    def start(self, data: Data) -> None:
        room = self.a_room(data)
        if self.model.is_frozen(room):
            # Tried as well, but mostly where it can work.
            room = self.a_room(data)
        pk = self.someone(data, self.model.members(room))
        self._start(room, pk, self.a_device(data, pk), data.draw(st.sampled_from(["voice", "video"]), "kind"))

    @happens(6)
    def gather(self, data: Data) -> None:
        """Somebody calls where nobody talks, and others come."""
        model = self.model
        quiet = [room for room in model.rooms if model.live_in(room) is None and not model.is_frozen(room)]
        room = data.draw(st.sampled_from(quiet or sorted(model.rooms)), "room")
        free = [pk for pk in sorted(model.members(room) - model.inactive) if not model.is_in_a_call(pk)]
        for pk in data.draw(st.permutations(free), "people")[: data.draw(st.integers(2, 5), "how many")]:
            self._start(room, pk, self.a_device(data, pk), "video")

    def _start(self, room: int, pk: int, device: UUID, kind: str) -> None:
        if self.model.inactive & set(self.model.pair(room)):
            # Of calls to somebody who has been deactivated product.md says nothing.
            return
        number = self.model.live_in(room)
        if number and not self.model.why_not_call(pk, room):
            self.model.call_back(number, pk)
        code = self.model.why_not_start(pk, room, device)
        member = self.user(pk)
        call = self.attempt(
            "start", lambda: start_call(member=member, room_id=room, kind=kind, device=Device(device)), code
        )
        if call is None:
            return
        if number:
            assert call.pk == number
            self.model.enter(number, pk, device)
        else:
            self.model.begin(call.pk, room, pk, device)

    @happens(5, lambda driver: driver.model.calls)
    def join(self, data: Data) -> None:
        number = self.a_call(data)
        pk = self.someone(data, self.model.members(self.model.calls[number].room))
        self._join(number, pk, self.a_device(data, pk), move=data.draw(st.booleans(), "move"))

    @happens(6, lambda driver: driver.to_answer())
    def answer(self, data: Data) -> None:
        number, pk = data.draw(st.sampled_from(self.to_answer()), "ring")
        self._join(number, pk, self.a_device(data, pk), move=False)

    def to_answer(self) -> list[tuple[int, int]]:
        return [
            (number, pk)
            for number in self.model.live()
            for pk, part in self.model.calls[number].people.items()
            if (part.state == "ringing" or part.awaited) and pk not in self.model.inactive
        ]

    def _join(self, number: int, pk: int, device: UUID, *, move: bool) -> None:
        code = self.model.why_not_join(pk, number, device, move=move)
        member = self.user(pk)
        done = self.attempt(
            "join", lambda: join_call(member=member, call_id=number, device=Device(device), move=move), code
        )
        if done is not None:
            self.model.enter(number, pk, device)

    @happens(2, lambda driver: driver.model.calls)
    def decline(self, data: Data) -> None:
        number = self.a_call(data)
        pk = self.someone(data, self.model.calls[number].people)
        code = self.model.why_not_know(pk, number)
        member = self.user(pk)
        self.attempt("decline", lambda: decline_call(member=member, call_id=number), code)
        if not code:
            self.model.decline(number, pk)

    @happens(4, lambda driver: driver.model.calls)
    def leave(self, data: Data) -> None:
        number = self.a_call(data)
        call = self.model.calls[number]
        pk = self.someone(data, call.joined)
        part = call.people.get(pk)
        own = part.device if part and part.device else self.devices[pk][0]
        device = data.draw(st.sampled_from([own, own, own, *self.devices[pk]]), "device")
        code = self.model.why_not_know(pk, number)
        member = self.user(pk)
        closed = data.draw(st.sampled_from([False, False, False, True]), "page closed")
        work = functools.partial(leave_call, member=member, call_id=number, device=device, closed=closed)
        self.attempt("close page" if closed else "leave", work, code)
        if not code:
            self.model.leave(number, pk, device, closed=closed)

    @happens(3, lambda driver: driver.model.live())
    def lose_a_page(self, data: Data) -> None:
        call = self.model.calls[data.draw(st.sampled_from(self.model.live()), "call")]
        if call.joined:
            device = call.people[data.draw(st.sampled_from(sorted(call.joined)), "person")].device
            assert device
            self.model.dead.add(device)
            self.outcomes["page lost"] += 1

    @happens(6, lambda driver: driver.model.live())
    def time_passes(self, data: Data) -> None:
        self._wait(data.draw(st.sampled_from([30, 60, 120, 120, 240, 480]), "seconds"))

    def _wait(self, seconds: int) -> None:
        """Time passes and the pages that live say so; then what is overdue ends, twice, which changes nothing more."""
        pass_time(seconds)
        self.model.shifted += seconds
        for number in self.model.live():
            call = self.model.calls[number]
            for pk in call.joined:
                part = call.people[pk]
                if part.device not in self.model.dead:
                    beat(number, self.world.people[pk], str(part.device))
                    part.seen = self.model.now
        for _twice in range(2):
            with TestCase.captureOnCommitCallbacks(execute=True):
                end_overdue()
        self.model.grow_old()

    def all_pages_fall_silent(self) -> None:
        """Everybody goes to sleep: all calls end by themselves."""
        for call in self.model.calls.values():
            self.model.dead |= {part.device for part in call.people.values() if part.device}
        for _round in range(3):
            if self.model.live():
                self._wait(480)
