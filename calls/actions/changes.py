"""One change of a locked call: its moves, their consequences, and whom to tell."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from calls import janus_sync
from calls.actions.telling import tell, tell_ended
from calls.device import Device
from calls.models import Call, Participant
from calls.pushes import Told, push_change
from calls.snapshots import people_in
from messaging.models import Room

State = Participant.State
Outcome = Call.Outcome
LIVE = {State.RINGING, State.JOINED}
# Numbers that a browser's script keeps exactly.
FEEDS = 2**52


class Change:
    """Start with a locked call (lock its room first), move people, then `save()`.

    People moved by someone else's action are told with `gone`, so that their page ends immediately.
    """

    def __init__(self, call: Call, people: Iterable[Participant] | None = None, now: datetime | None = None) -> None:
        self.call = call
        self.people = people_in(call) if people is None else list(people)
        # The clocks of several hosts differ a little; nothing ends before it began.
        self.now = max(now or timezone.now(), call.answered_at or call.started_at)
        self.told = Told({one.member_id: State(one.state) for one in self.people if not one.withheld})
        self._touched: dict[int, Participant] = {}
        self._feeds: list[int] = []

    @property
    def is_direct(self) -> bool:
        """Whether this is a call of two."""
        return self.call.room.kind == Room.Kind.DIRECT

    @property
    def joined(self) -> list[Participant]:
        """Those who are in the call now."""
        return [one for one in self.people if one.state == State.JOINED]

    def of(self, member_id: int) -> Participant | None:
        """This member's participant."""
        return next((one for one in self.people if one.member_id == member_id), None)

    def add(self, member: User, state: str, *, withheld: bool = False) -> Participant:
        """A new participant."""
        one = Participant(call=self.call, member=member, state=state, withheld=withheld, feed=_feed())
        self.people.append(one)
        return one

    def join(self, one: Participant, device: Device) -> None:
        """`one` is in the call with this page from now on; the second person answers it."""
        if one.state == State.JOINED:
            self._feeds.append(one.feed)
            self.told.gone(one.member_id, str(one.device), "moved")
        else:
            self._move(one, State.JOINED)
            one.joined_at = one.joined_at or self.now
        one.device, one.seen_at, one.lost_at, one.left_at = device.id, self.now, None, None
        one.mic, one.camera, one.screen = device.mic, device.camera, False
        # A new one each time, so that the old one no longer gives access to Janus.
        one.feed = _feed()
        self.call.answered_at = self.call.answered_at or (self.now if len(self.joined) > 1 else None)
        self._touch(one)

    def leave(self, one: Participant, reason: str = "") -> None:
        """`one` stops ringing or leaves. A `reason` means that someone else caused it, and tells their pages."""
        if one.state not in LIVE:
            return
        self._move(one, State.MISSED if one.state == State.RINGING else State.LEFT)
        if reason:
            self.told.gone(one.member_id, None, reason)

    def bar(self, one: Participant) -> None:
        """`one` may no longer take part; this ends a 1:1 call."""
        self.leave(one, "excluded")
        self.give_up(one)
        if self.is_direct:
            self.end(Outcome.NOT_ALLOWED)

    def lose(self, one: Participant, *, seen_at: datetime | None = None) -> None:
        """The page of `one` has stopped sending heartbeats; they may come back for a while."""
        self.leave(one, "lost")
        one.lost_at = self.now
        one.seen_at = seen_at or one.seen_at

    def give_up(self, one: Participant) -> None:
        """Wait no longer for `one` to come back."""
        if one.lost_at is not None:
            one.lost_at = None
            self._touch(one)

    def answer(self, one: Participant, state: str) -> None:
        """`one` refuses the call: declined, or busy."""
        self._move(one, state)

    def show(self, one: Participant, *, mic: bool, camera: bool, screen: bool) -> None:
        """What `one` has switched on."""
        one.mic, one.camera, one.screen = mic, camera, screen
        self._touch(one)

    def settle(self) -> None:
        """End the call when too few people are left and no one is expected back."""
        if self.call.ended_at is not None or self._enough() or self._awaited():
            return
        if self.call.answered_at is not None:
            self.end(Outcome.ENDED)
        else:
            self.end(Outcome.CANCELLED if self.is_direct else Outcome.NO_ANSWER)

    def end(self, outcome: str, reason: str = "") -> None:
        """End the call for everyone."""
        if self.call.ended_at is not None:
            return
        for one in self.people:
            self.leave(one, reason)
            self.give_up(one)
        self.call.ended_at, self.call.outcome = self.now, outcome

    def save(self) -> None:
        """Store everything as the call's next revision, and push it after commit."""
        self.call.rev += 1
        made = [one for one in self.people if one.pk is None]
        Participant.objects.bulk_update(
            [one for one in self._touched.values() if one.pk is not None], [*_CHANGING], batch_size=200
        )
        Participant.objects.bulk_create(made)
        self.call.save(update_fields=["rev", "mode", "answered_at", "ended_at", "outcome"])
        janus_sync.follow(self.call, self._feeds)
        push_change(self.call, self.people, self.told)

    def finish(self) -> None:
        """Save, and report the call when it has ended. The caller has locked its room."""
        self.save()
        if self.call.ended_at is not None and self.call.told_at is None:
            tell(self.call)

    def finish_after_commit(self) -> None:
        """`finish` for callers whose transaction writes the room's revisions itself: reports after the commit."""
        self.save()
        if self.call.ended_at is not None:
            transaction.on_commit(partial(tell_ended, self.call.pk), robust=True)

    def _enough(self) -> bool:
        if not self.is_direct:
            return bool(self.joined)
        if self.call.answered_at is not None:
            return len(self.joined) > 1
        return any(one.member_id == self.call.started_by_id for one in self.joined)

    def _awaited(self) -> bool:
        since = self.now - timedelta(seconds=settings.CALLS_RECOVER_SECONDS)
        return any(one.lost_at and one.seen_at and one.seen_at > since for one in self.people)

    def _move(self, one: Participant, state: str) -> None:
        if State(state) not in Participant.MOVES[State(one.state)]:
            raise ValueError(f"a participant cannot go from {one.state} to {state}")
        if one.state == State.JOINED:
            self._feeds.append(one.feed)
            one.left_at, one.device, one.screen = self.now, None, False
        one.state = state
        self._touch(one)

    def _touch(self, one: Participant) -> None:
        self._touched[id(one)] = one


_CHANGING: tuple[str, ...] = ("state", "withheld", "device", "feed", "joined_at", "left_at", "seen_at", "lost_at")
_CHANGING += ("mic", "camera", "screen")


def _feed() -> int:
    return secrets.randbelow(FEEDS - 1) + 1
