"""What two companies have decided about each other."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User


class Decision(models.TextChoices):
    """What one company has decided about one partner."""

    POLICY = "policy", _("Leave to the policy")
    ALLOW = "allow", _("Allow")
    DENY = "deny", _("Deny")


@dataclass(frozen=True)
class Side:
    """What one company has decided about the other, when, by whom and until when; `allows` is what follows from it."""

    decision: str
    allows: bool
    decided_at: datetime | None
    decided_by_id: int | None
    expires_at: datetime | None


class Link(models.Model):
    """The state between two companies. Open only while both sides' outcome is allow: two keys.

    `closed_by` is the company that closed it last; nobody while it is open or was never open.
    """

    company_a = models.ForeignKey(Company, models.CASCADE, related_name="+")
    company_b = models.ForeignKey(Company, models.CASCADE, related_name="+")
    a_decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.POLICY)
    b_decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.POLICY)
    a_decided_at = models.DateTimeField(null=True, blank=True)
    b_decided_at = models.DateTimeField(null=True, blank=True)
    a_decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    b_decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    a_expires_at = models.DateTimeField(null=True, blank=True)
    b_expires_at = models.DateTimeField(null=True, blank=True)
    a_reminded_at = models.DateTimeField(null=True, blank=True)
    b_reminded_at = models.DateTimeField(null=True, blank=True)
    a_allows = models.BooleanField(default=False)
    b_allows = models.BooleanField(default=False)
    is_open = models.GeneratedField(
        expression=Q(a_allows=True) & Q(b_allows=True),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    epoch = models.PositiveIntegerField(default=0)
    closed_by = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(company_a__lt=F("company_b")), name="link_ordered"),
            models.UniqueConstraint(fields=["company_a", "company_b"], name="link_once"),
        ]
        indexes = [
            models.Index(fields=["company_b"], name="link_by_b"),
            models.Index(fields=["a_expires_at"], condition=Q(a_expires_at__isnull=False), name="link_a_expires"),
            models.Index(fields=["b_expires_at"], condition=Q(b_expires_at__isnull=False), name="link_b_expires"),
        ]

    def letter(self, company_id: int | None) -> str:
        """Which of the two sides, `a` or `b`, the company is."""
        return "a" if self.company_a_id == company_id else "b"

    def side(self, company_id: int | None) -> Side:
        """What this company has decided about the other."""
        letter = self.letter(company_id)
        names = ("decision", "allows", "decided_at", "decided_by_id", "expires_at")
        return Side(**{name: getattr(self, f"{letter}_{name}") for name in names})

    def partner(self, company_id: int | None) -> Company:
        """The other company."""
        return self.company_b if self.company_a_id == company_id else self.company_a

    def partner_id(self, company_id: int | None) -> int:
        """The other company's id."""
        return self.company_b_id if self.company_a_id == company_id else self.company_a_id
