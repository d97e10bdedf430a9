"""Calls, and who takes part in them."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from messaging.models import Membership, Room


class CallQuerySet(models.QuerySet["Call"]):
    """Queries for calls."""

    def live(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def known_to(self, member_id: int) -> Self:
        """Those of rooms the member is in now, without the rings that are withheld from them.

        Of the time before they joined a room they know no calls that had ended by then.
        """
        inside = Membership.objects.live().filter(room=OuterRef("room"), member=member_id)
        there = inside.filter(joined_at__lte=OuterRef("ended_at"))
        withheld = Participant.objects.filter(call=OuterRef("pk"), member=member_id, withheld=True)
        return self.filter(Exists(inside), Q(ended_at=None) | Exists(there), ~Exists(withheld))


class Call(models.Model):
    """A voice or video call in a message room.

    `rev` counts every change that the pages in the call see. `answered_at` is when the second person joined, so the
    length of a call is `ended_at - answered_at`. A call that has ended has an `outcome`; `told_at` says when the room
    and those who missed it were told.
    """

    class Kind(models.TextChoices):
        VOICE = "voice"
        VIDEO = "video"

    class Mode(models.TextChoices):
        """How media travel: from page to page, or through Janus."""

        MESH = "mesh"
        SFU = "sfu"

    class Outcome(models.TextChoices):
        """How a call ended, and for unanswered calls why."""

        ENDED = "ended"
        NO_ANSWER = "no_answer"
        DECLINED = "declined"
        CANCELLED = "cancelled"
        BUSY = "busy"
        NOT_ALLOWED = "not_allowed"
        FAILED = "failed"

    room = models.ForeignKey(Room, models.CASCADE, related_name="calls")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.MESH)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    rev = models.BigIntegerField(default=1)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    told_at = models.DateTimeField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room"], condition=Q(ended_at=None), name="call_one_live_in_room"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="call_ended_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("started_at")), name="call_answered_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(answered_at=None) | Q(ended_at__gte=F("answered_at")),
                name="call_ended_after_answer",
            ),
        ]
        indexes = [models.Index(fields=["told_at"], condition=Q(told_at=None), name="call_not_told")]

    @property
    def state(self) -> str:
        """`ringing`, `live` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "ringing" if self.answered_at is None and self.room.kind == Room.Kind.DIRECT else "live"

    @property
    def seconds(self) -> int | None:
        """How long people talked, in whole seconds; None for an unanswered or a live call."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.answered_at).total_seconds())


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Queries for participants."""

    def of_live_calls(self) -> Self:
        """Those of calls that have not ended."""
        return self.filter(call__ended_at=None)

    def joined(self) -> Self:
        """Those who are in a call now."""
        return self.filter(state=Participant.State.JOINED)


class Participant(models.Model):
    """A member in a call, once for each: with the page (`device`) with which they are in it.

    `withheld`: they have blocked who calls; nothing of the call reaches them, and the caller sees it ring. `seen_at`
    is the page's last sign of life. `feed` names what they send when media go through Janus.
    """

    class State(models.TextChoices):
        RINGING = "ringing"
        JOINED = "joined"
        LEFT = "left"
        DECLINED = "declined"
        MISSED = "missed"
        BUSY = "busy"

    call = models.ForeignKey(Call, models.CASCADE, related_name="participants")
    member = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    withheld = models.BooleanField(default=False)
    device = models.UUIDField(null=True)
    feed = models.BigIntegerField()
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    mic = models.BooleanField(default=True)
    camera = models.BooleanField(default=False)
    screen = models.BooleanField(default=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "member"], name="participant_once"),
            models.UniqueConstraint(fields=["member"], condition=Q(state="joined"), name="participant_in_one_call"),
            models.CheckConstraint(
                condition=~Q(state="joined") | Q(device__isnull=False, joined_at__isnull=False, seen_at__isnull=False),
                name="participant_joined_with_device",
            ),
            models.CheckConstraint(
                condition=~Q(withheld=True) | Q(joined_at=None), name="participant_withheld_never_in"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="participant_of_member"),
            models.Index(fields=["state"], condition=Q(state__in=["ringing", "joined"]), name="participant_live"),
            models.Index(fields=["seen_at"], condition=Q(lost_at__isnull=False), name="participant_lost"),
        ]

    # Which states may follow which; a state that may follow none is over for good.
    MOVES = {
        State.RINGING: {State.JOINED, State.DECLINED, State.MISSED, State.BUSY, State.LEFT},
        State.JOINED: {State.LEFT},
        State.LEFT: {State.JOINED},
        State.DECLINED: {State.JOINED},
        State.MISSED: {State.JOINED},
        State.BUSY: {State.JOINED},
    }
