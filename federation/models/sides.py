"""A company's side: the switch, the grants, and the members with external connection."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Department, User


class ExternalPolicy(models.Model):
    """A company's side: the switch, who may use it, and which partners."""

    class GrantTo(models.TextChoices):
        ALL = "all", _("All members")
        CHOSEN = "chosen", _("Chosen members and departments")

    class PartnerRule(models.TextChoices):
        ANY = "any", _("Any company that also allows us")
        APPROVED = "approved", _("Approved partners only")

    company = models.OneToOneField(Company, models.CASCADE, related_name="external_policy")
    allows = models.BooleanField(_("external connection"), default=False)
    grant_to = models.CharField(_("granted to"), max_length=10, choices=GrantTo.choices, default=GrantTo.ALL)
    partner_rule = models.CharField(_("partners"), max_length=10, choices=PartnerRule.choices, default=PartnerRule.ANY)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("external connection")
        verbose_name_plural = _("external connection")

    def __str__(self) -> str:
        return str(self.company)


class MemberGrant(models.Model):
    """One member or one department chosen to use external connection (matters when `grant_to` is chosen)."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="member_grants")
    member = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="member_grants")
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, related_name="member_grants")
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, department__isnull=False) | Q(member__isnull=False, department=None),
                name="grant_to_member_or_department",
            ),
            models.UniqueConstraint(fields=["member"], name="grant_member_once"),
            models.UniqueConstraint(fields=["department"], name="grant_department_once"),
        ]


class AvailabilityQuerySet(models.QuerySet["Availability"]):
    """Questions about who has external connection."""

    def live(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Availability(models.Model):
    """External connection is available to a member: company allows, member granted and active.

    One live row (`ended_at` is null) for each member who has it. Written only by
    `federation.actions.availability.refresh_availability`; the triggers lock and read it.
    """

    member = models.ForeignKey(User, models.CASCADE, related_name="availabilities")
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AvailabilityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at=None), name="availability_live_once")
        ]
