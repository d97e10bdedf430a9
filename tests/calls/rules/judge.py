"""Compares the product with the model: after every step, and at the end of every history."""

from collections import Counter
from typing import Any

from accounts.models import Notification
from calls.call_log import calls_page, rings_for
from calls.models import Call, Participant
from calls.signalling import relay
from calls.snapshots import snapshot
from tests.calls.ring import lines_of
from tests.calls.rules.driver import Driver
from tests.calls.rules.model import CallModel
from tests.constraints import check_constraints
from worksbridge.errors import WorksBridgeError


class Judge:
    """Looks at one history; remembers what it has seen, so that it looks again only at what has changed."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.model = driver.model
        self.looked_at: list[object] = []
        self.seen: dict[int, object] = {}
        self.turn = 0

    def check(self) -> None:
        """What must hold after every step."""
        check_constraints()
        rows = Call.objects.select_related("room").in_bulk()
        assert rows.keys() == self.model.calls.keys()
        live = [call.room_id for call in rows.values() if call.ended_at is None]
        assert len(live) == len(set(live)), "two live calls in a room"
        joined = Participant.objects.filter(state="joined").values_list("member_id", flat=True)
        assert len(joined) == len(set(joined)), "a member in two calls"
        for number, call in rows.items():
            state = (call.rev, call.ended_at, str(self.model.calls[number]))
            if self.seen.get(number) != state:
                self._same(call, self.model.calls[number])
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
        calls = self.model.calls
        members = {number: self.model.members(calls[number].room) for number in self.model.live()}
        parts = [(number, str(calls[number].people), inside) for number, inside in members.items()]
        if parts == self.looked_at:
            return
        self.looked_at = parts
        self.turn += 1
        # Those it concerns and the others, some of them each time.
        concerned = {pk for number in members for pk in calls[number].people}
        for pk in {*sorted(concerned)[self.turn % 2 :: 2], *self.driver.pks[self.turn % 5 :: 5]}:
            person = self.driver.world.people[pk]
            parts_of = {number: calls[number].people.get(pk) for number in members}
            withheld = {number for number, part in parts_of.items() if part and part.withheld}
            ringing = {number for number, part in parts_of.items() if part and part.state == "ringing"} - withheld
            assert {one.call.pk for one in rings_for(person)[0]} == ringing, pk
            knowing = {number for number, inside in members.items() if pk in inside} - withheld
            assert set(Call.objects.known_to(person.pk).live().values_list("pk", flat=True)) == knowing, pk
        for number in members:
            self._signals(number)

    def _signals(self, number: int) -> None:
        """I33: signals pass only between those who are in it, with the pages with which they are."""
        call, devices = self.model.calls[number], self.driver.devices
        pairs = [(one, other) for one in sorted(call.people) for other in self.driver.pks]
        for one, other in sorted(pairs, key=lambda pair: not {*pair} <= call.joined)[self.turn % 5 :: 13]:
            self.turn += 1
            pages = [part.device if part else None for part in map(call.people.get, (one, other))]
            frame = {"call": number, "device": str(pages[0] or devices[one][0]), "to": other}
            frame |= {"to_device": str(pages[1] or devices[other][0])}
            frame |= {"data": {"description": {"type": "offer", "sdp": "v=0\r\n"}}}
            passes = one != other and {one, other} <= call.joined
            try:
                relay(one, frame)
            except WorksBridgeError as error:
                assert (passes, error.code) == (False, "not_found")
                self.driver.outcomes["no signal"] += 1
            else:
                assert passes
                self.driver.outcomes["signal"] += 1

    def check_the_end(self) -> None:
        """When nobody is there any more: all calls have ended, and what is kept of them is right."""
        assert not Call.objects.filter(ended_at=None).exists()
        assert not Participant.objects.filter(state__in=["ringing", "joined"]).exists()
        assert not Call.objects.filter(told_at=None).exists()
        rows = {pk: {row.call.pk: row for row in calls_page(self.driver.user(pk)).page} for pk in self.driver.pks}
        for number, call in Call.objects.select_related("room").in_bulk().items():
            model = self.model.calls[number]
            self._kept(call, model)
            for pk in self.driver.pks:
                part = model.people.get(pk)
                listed = part is not None and not part.withheld and pk in self.model.members(model.room)
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
                assert lines_of(call.pk, self.driver.world.people[pk]) == []

    @staticmethod
    def _row(row: Any, pk: int, model: CallModel) -> None:
        part = model.people[pk]
        expected = "outgoing" if pk == model.starter else "incoming" if part.has_joined else "missed"
        if part.state == "declined":
            expected = "declined"
        assert row.direction == expected, (row.call.pk, pk, model)
        assert (row.seconds is None) == (model.answered is None)

    def _missed(self) -> None:
        """One notice for each call that somebody missed, and none for those who were not rung."""
        expected: Counter[int] = Counter()
        for model in self.model.calls.values():
            if model.direct and model.answered is None:
                other = self.model.other(model.room, model.starter)
                part = model.people[other]
                if part.state in ("missed", "busy") and not part.withheld and not model.outcomes & {"not_allowed"}:
                    expected[other] += 1
        told = Counter(Notification.objects.filter(kind="call.missed").values_list("recipient", flat=True))
        assert told == expected
