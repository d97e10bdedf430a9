"""What a change of a company's side has ended, so that it can be counted before and restored after."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Company, User

# How long a closing can be undone.
UNDO = timedelta(minutes=10)


class Closing(models.Model):
    """One change of a company's side that ended something. The rows that it ended point to it.

    `changed` has what the administrator changed, as {name: [before, after]}; empty when it cannot be undone as a
    whole (a deactivation, a suspension). `ended` is `federation.impact.Impact`, as it is stored.
    """

    company = models.ForeignKey(Company, models.CASCADE, related_name="closings")
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=40)
    changed = models.JSONField(default=dict)
    ended = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["company", "-id"], name="closing_list")]
        constraints = [
            models.CheckConstraint(condition=Q(undone_by=None) | Q(undone_at__isnull=False), name="closing_undone_by")
        ]

    @property
    def undoable_until(self) -> object:
        """Until when it can be undone; None when it cannot."""
        until = self.created_at + UNDO
        return until if self.changed and self.undone_at is None and timezone.now() < until else None
