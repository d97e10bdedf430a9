"""External contacts and blocks: what one member keeps of people in other companies."""

from collections import defaultdict
from collections.abc import Collection

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from federation.models import Closing


class ExternalContact(models.Model):
    """An external user that `owner` has added, with the owner's own notes.

    `closed_at` says since when the right to reach them has ended, `closing` which change of a company's side ended it;
    only a deliberate act makes it live again.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="external_contacts")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=100, blank=True)
    phone = models.CharField(_("phone number"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    title = models.CharField(_("title"), max_length=100, blank=True)
    memo = models.TextField(_("memo"), max_length=2000, blank=True)
    tags = models.CharField(_("tags"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=40, blank=True)
    closing = models.ForeignKey(Closing, models.SET_NULL, null=True, db_index=False, related_name="contacts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "person"], name="contact_once"),
            models.CheckConstraint(condition=~Q(owner=F("person")), name="contact_not_self"),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(closed_at=None), name="contact_live_person"),
            models.Index(fields=["closing"], condition=Q(closing__isnull=False), name="contact_by_closing"),
        ]

    @property
    def shown_name(self) -> str:
        """The owner's name for the person, else the person's own."""
        return self.name or self.person.name


class BlockQuerySet(models.QuerySet["Block"]):
    """Queries for blocks."""

    def blockers_of(self, member_ids: Collection[int]) -> dict[int, set[int]]:
        """The ids of those who have blocked each of these members. One query."""
        blockers: defaultdict[int, set[int]] = defaultdict(set)
        for blocked, blocker in self.filter(blocked__in=member_ids).values_list("blocked_id", "blocker_id"):
            blockers[blocked].add(blocker)
        return blockers

    def between(self, member_id: int, others: Collection[int]) -> set[int]:
        """The ids of those of `others` who have blocked the member or are blocked by them. One query."""
        # Of all, because few are blocked: naming the others would cost more than the rest of the query.
        pairs = self.filter(Q(blocker=member_id) | Q(blocked=member_id)).values_list("blocker_id", "blocked_id")
        return {other for pair in pairs for other in pair} & set(others) - {member_id}


class Block(models.Model):
    """`blocker` wants nothing from `blocked`. Deleting the row unblocks. The blocked one is never told."""

    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_self"),
        ]
        indexes = [models.Index(fields=["blocked"], name="block_by_blocked")]
