"""What two companies have decided about each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User


class Decision(models.TextChoices):
    """What one company has decided about one partner."""

    POLICY = "policy", _("Use default")
    ALLOW = "allow", _("Allow")
    DENY = "deny", _("Deny")


@dataclass(frozen=True)
class Side:
    """One company's decision about the other, with when, who and until when; `allows` is its outcome."""

    decision: str
    allows: bool
    decided_at: datetime | None
    decided_by_id: int | None
    expires_at: datetime | None
    reminded_at: datetime | None


SIDES = ("a", "b")


class LinkQuerySet(models.QuerySet["Link"]):
    """Queries for links."""

    def of(self, company_id: int) -> Self:
        """Those of a company."""
        return self.filter(Q(company_a=company_id) | Q(company_b=company_id))

    def between(self, one: int, other: int) -> Self:
        """That of two companies, if there is one."""
        return self.filter(company_a=min(one, other), company_b=max(one, other))

    def expired(self, now: datetime) -> "list[tuple[Link, Company]]":
        """Links with a side that allowed the other until a moment that has come, each with that side's company."""
        return self._allowing(lambda letter: {f"{letter}_expires_at__lte": now})

    def expiring(self, now: datetime, before: datetime) -> "list[tuple[Link, Company]]":
        """The same for those whose moment comes before `before`, and whose administrators were not reminded of it."""
        return self._allowing(
            lambda letter: {
                f"{letter}_expires_at__gt": now,
                f"{letter}_expires_at__lte": before,
                f"{letter}_reminded_at": None,
            }
        )

    def _allowing(self, condition: Callable[[str], dict[str, datetime | None]]) -> "list[tuple[Link, Company]]":
        found: list[tuple[Link, Company]] = []
        for letter in SIDES:
            due = self.filter(**condition(letter), **{f"{letter}_decision": Decision.ALLOW})
            rows = due.select_related("company_a", "company_b").order_by("pk")
            found += [(link, getattr(link, f"company_{letter}")) for link in rows]
        return found


class Link(models.Model):
    """The state between two companies. Open only while both sides' outcome is allow: two keys.

    `closed_by` is the company that closed it last; None while it is open or was never open.
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

    objects = LinkQuerySet.as_manager()

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

    def side(self, company_id: int | None) -> Side:
        """What this company has decided about the other."""
        letter = self._letter(company_id)
        return Side(**{name: getattr(self, f"{letter}_{name}") for name in Side.__annotations__})

    def decider(self, company_id: int | None) -> User | None:
        """Who decided on this company's side."""
        found: User | None = getattr(self, f"{self._letter(company_id)}_decided_by")
        return found

    def set_side(self, company_id: int | None, **fields: object) -> list[str]:
        """Set fields of this company's side, as `Side` names them, without saving. Returns the columns."""
        columns = {f"{self._letter(company_id)}_{name}": value for name, value in fields.items()}
        for column, value in columns.items():
            setattr(self, column, value)
        return list(columns)

    def write_side(self, company_id: int | None, **fields: object) -> None:
        """The same, and save them, and nothing else."""
        self.save(update_fields=self.set_side(company_id, **fields))

    def _letter(self, company_id: int | None) -> str:
        """Which of the two sides, `a` or `b`, the company is."""
        return "a" if self.company_a_id == company_id else "b"

    def partner(self, company_id: int | None) -> Company:
        """The other company."""
        return self.company_b if self.company_a_id == company_id else self.company_a

    def partner_id(self, company_id: int | None) -> int:
        """The other company's id."""
        return self.company_b_id if self.company_a_id == company_id else self.company_a_id
