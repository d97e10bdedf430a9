"""Message rooms, memberships and messages."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Self

from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from federation.models import Closing


class RoomQuerySet(models.QuerySet["Room"]):
    """Queries for rooms."""

    def of(self, member_id: int) -> Self:
        """The rooms that the member is in now."""
        return self.filter(memberships__member=member_id, memberships__ended_at=None)

    def with_exactly(self, member_ids: Collection[int]) -> Self:
        """The group rooms with exactly these live members."""
        inside = Q(memberships__ended_at=None)
        return (
            self.filter(kind=Room.Kind.GROUP)
            .annotate(
                inside=Count("memberships", filter=inside),
                chosen=Count("memberships", filter=inside & Q(memberships__member__in=member_ids)),
            )
            .filter(inside=len(member_ids), chosen=len(member_ids))
        )

    def locked(self) -> Self:
        """Lock their rows until the transaction ends, in id order, with their hosting companies.

        Several rooms are always locked in this order.
        """
        locking = self.select_for_update(no_key=True, of=("self",))
        return locking.select_related("hosting_company").order_by("pk")


class Room(models.Model):
    """A message room.

    `rev` counts every visible change, gap-free; `ordinal` counts the messages that people sent, for unread counts.
    A room with `frozen_at` can be read but not written to.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    class Newcomers(models.TextChoices):
        """Which earlier messages new members see."""

        JOINED = "joined", _("Messages sent after they join")
        ALL = "all", _("All messages")

    class FrozenReason(models.TextChoices):
        """Why a room is read-only, besides the reasons in `federation.reasons`."""

        NO_HOST = "no_host"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_external = models.BooleanField(default=False)
    hosting_company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=300, blank=True, db_default="")
    photo = models.ImageField(upload_to="rooms/", blank=True, db_default="")
    newcomers = models.CharField(
        max_length=10, choices=Newcomers.choices, default=Newcomers.JOINED, db_default=Newcomers.JOINED
    )
    low = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    high = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    rev = models.BigIntegerField(default=0)
    ordinal = models.BigIntegerField(default=0)
    active_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=40, blank=True)
    closing = models.ForeignKey(Closing, models.SET_NULL, null=True, db_index=False, related_name="rooms")

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="group", low=None, high=None) | Q(kind="direct", low__lt=F("high")),
                name="room_pair_iff_direct",
            ),
            models.UniqueConstraint(fields=["low", "high"], name="room_direct_once"),
        ]
        indexes = [
            models.Index(fields=["high"], name="room_by_high"),
            models.Index(fields=["closing"], condition=Q(closing__isnull=False), name="room_by_closing"),
        ]

    @property
    def photo_url(self) -> str:
        """The URL of the room's photo, with its name so that a new one is fetched; empty without one."""
        if not self.photo:
            return ""
        version = str(self.photo).rsplit("/", maxsplit=1)[-1][:8]
        return f"{reverse('messaging:photo', args=[self.pk])}?{version}"

    def other_than(self, member: User) -> User | None:
        """The other person of a 1:1 room, None in a group room."""
        if self.kind != Room.Kind.DIRECT:
            return None
        return self.high if self.low_id == member.pk else self.low

    def name_for(self, member: User, names: Mapping[int, str]) -> str:
        """What `member` sees as the room's name; `names` holds their own names for people."""
        other = self.other_than(member)
        return self.name if other is None else names.get(other.pk) or other.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Queries for memberships."""

    def live(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def in_rooms(self, rooms: Iterable["Room"]) -> Self:
        """Those in these rooms."""
        return self.filter(room__in=[room.pk for room in rooms])

    def masters(self) -> Self:
        """Those of Group Masters."""
        return self.filter(role=Membership.Role.MASTER)

    def active(self) -> Self:
        """Those of members whose account is active."""
        return self.filter(member__is_active=True)

    def of_hosts(self) -> Self:
        """Those of members of the room's own hosting company."""
        return self.filter(member__company=F("room__hosting_company"))

    def revive(self) -> None:
        """Restore ended memberships, from their room's next revision on."""
        joined = Subquery(Room.objects.filter(pk=OuterRef("room")).values("rev")) + 1
        self.update(ended_at=None, ended_reason="", ended_rev=None, closing=None, joined_rev=joined)

    def member_ids(self) -> list[int]:
        """The ids of the members. One query."""
        return list(self.values_list("member_id", flat=True))

    def members_by_room(self) -> dict[int, list[int]]:
        """The ids of the members in each room. One query."""
        members: defaultdict[int, list[int]] = defaultdict(list)
        for room_id, member_id in self.values_list("room_id", "member_id"):
            members[room_id].append(member_id)
        return members


class Membership(models.Model):
    """A member in a room, from `joined_at` until `ended_at`, who sees what came after `visible_from`.

    `read_seq` is how far they have read, `withheld_ahead` how many messages after it they never get. The rest is how
    the member keeps the room for themselves: `settings_rev` counts those changes.
    """

    class Role(models.TextChoices):
        MEMBER = "member"
        MASTER = "master"

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)
    # The room's last revision that was theirs to see, and the change of a company's side that put them out.
    ended_rev = models.BigIntegerField(null=True, blank=True)
    closing = models.ForeignKey(Closing, models.SET_NULL, null=True, db_index=False, related_name="memberships")
    read_seq = models.BigIntegerField(default=0)
    read_ordinal = models.BigIntegerField(default=0)
    # The revision that says they joined (0: made with the room): an older page has to reload the room.
    joined_rev = models.BigIntegerField(default=0, db_default=0)
    visible_from = models.BigIntegerField(default=0, db_default=0)
    withheld_ahead = models.BigIntegerField(default=0, db_default=0)
    pinned_at = models.DateTimeField(null=True, blank=True)
    muted_at = models.DateTimeField(null=True, blank=True)
    # Out of the list until something is said after this revision.
    hidden_rev = models.BigIntegerField(null=True, blank=True)
    marked_unread_at = models.DateTimeField(null=True, blank=True)
    settings_rev = models.BigIntegerField(default=0, db_default=0)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member in an External Group room")
        verbose_name_plural = _("members in External Group rooms")
        constraints = [models.UniqueConstraint(fields=["room", "member"], name="membership_once")]
        indexes = [
            models.Index(fields=["member"], condition=Q(ended_at=None), name="membership_live"),
            models.Index(fields=["closing"], condition=Q(closing__isnull=False), name="membership_by_closing"),
        ]


class MessageQuerySet(models.QuerySet["Message"]):
    """Queries for messages."""

    def visible_to(self, member_id: int) -> Self:
        """The messages the member may see now; the one condition behind pages, pushes, counts and search.

        The member is in the room, the message came after the point from which they see it, and it was not withheld.
        """
        withheld = Withheld.objects.filter(message=OuterRef("pk"), member=member_id)
        return self.filter(
            ~Exists(withheld),
            room__memberships__member=member_id,
            room__memberships__ended_at=None,
            seq__gt=F("room__memberships__visible_from"),
        )


def event_of(data: dict[str, Any], body: str) -> dict[str, Any]:
    """The event in `data`. During a deploy, processes of the previous version still write a sentence into the body."""
    return data if "event" in data else {"event": "room.note", "parts": {"text": {"text": body}}, "people": {}}


class Message(models.Model):
    """A message in a room, or (`kind` system) an event about it in `data`, without text.

    `seq` is the revision it was made with and gives the order; `rev` the revision of its last change.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        # As it is stored, processes of the version before know it, too.
        SYSTEM = "line", "System"

    # Found by the indexes below, each of which begins with one of the two: every further index costs each message.
    room = models.ForeignKey(Room, models.CASCADE, db_index=False, related_name="messages")
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    ordinal = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    author = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")
    client_id = models.UUIDField(null=True)
    body = models.TextField()
    html = models.TextField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    @property
    def event(self) -> dict[str, Any]:
        """What a system message tells of."""
        return event_of(self.data, self.body)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_sent_once"),
        ]
        indexes = [
            models.Index(fields=["room", "rev"], name="message_changes"),
            # Messages lie in the table by time: a few pages say where each day is.
            BrinIndex(fields=["created_at"], name="message_day", autosummarize=True, pages_per_range=32),
        ]


class Withheld(models.Model):
    """`member` never gets `message`: they had blocked its actor, or were not in the room.

    `is_counted` says whether the message took an ordinal that the member's unread count has to leave out.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="withheld")
    member = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_counted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member"], name="withheld_once")]
        indexes = [models.Index(fields=["member"], name="withheld_by_member")]


class SearchEntry(models.Model):
    """The words of a message at its revision `rev`; a table of its own, so that sending writes no index.

    `room` and `seq` are the message's own, the room without a constraint that would lock its row while people write.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="search_entry")
    room = models.ForeignKey(Room, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            # Without a list of pending entries, which every search would have to read through.
            GinIndex(fields=["words"], name="search_words", fastupdate=False),
            models.Index(fields=["room", "message"], name="search_by_room"),
        ]


class SearchHead(models.Model):
    """How far a room can be searched: its messages up to revision `rev`. The others are scanned directly."""

    room = models.OneToOneField(Room, models.CASCADE, primary_key=True, related_name="search_head")
    rev = models.BigIntegerField(default=0)
