"""Message rooms, who is in them, and what was said."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Company, User


class Room(models.Model):
    """A message room.

    `rev` counts every visible change, gap-free; `ordinal` counts the messages that people sent, for unread counts.
    A room with `frozen_at` can be read but not written to.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_external = models.BooleanField(default=False)
    hosting_company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, blank=True)
    low = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    high = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    rev = models.BigIntegerField(default=0)
    ordinal = models.BigIntegerField(default=0)
    active_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="group", low=None, high=None) | Q(kind="direct", low__lt=F("high")),
                name="room_pair_iff_direct",
            ),
            models.UniqueConstraint(fields=["low", "high"], name="room_direct_once"),
        ]
        indexes = [models.Index(fields=["high"], name="room_by_high")]


class Membership(models.Model):
    """A member in a room, from `joined_at` until `ended_at`; `read_seq` is how far they have read."""

    class Role(models.TextChoices):
        MEMBER = "member"
        MASTER = "master"

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)
    read_seq = models.BigIntegerField(default=0)
    read_ordinal = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "member"], name="membership_once")]
        indexes = [models.Index(fields=["member"], condition=Q(ended_at=None), name="membership_live")]


class Message(models.Model):
    """One thing said in a room, or (`kind` line) one thing that happened to it.

    `seq` is the revision it was made with and gives the order; `rev` the revision of its last change.
    `withheld_from` did not get it, and never does: they had blocked the author.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        LINE = "line"

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    ordinal = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    client_id = models.UUIDField(null=True)
    body = models.TextField()
    html = models.TextField()
    data = models.JSONField(default=dict)
    withheld_from = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_sent_once"),
        ]
        indexes = [models.Index(fields=["room", "rev"], name="message_changes")]
