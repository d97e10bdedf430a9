"""Who has allowed external connection: companies, pairs of companies, members."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
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


class Decision(models.TextChoices):
    """What one company has decided about one partner."""

    POLICY = "policy", _("Leave to the policy")
    ALLOW = "allow", _("Allow")
    DENY = "deny", _("Deny")


class Link(models.Model):
    """The state between two companies. Open only while both sides' outcome is allow: two keys."""

    company_a = models.ForeignKey(Company, models.CASCADE, related_name="+")
    company_b = models.ForeignKey(Company, models.CASCADE, related_name="+")
    a_decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.POLICY)
    b_decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.POLICY)
    a_allows = models.BooleanField(default=False)
    b_allows = models.BooleanField(default=False)
    is_open = models.GeneratedField(
        expression=Q(a_allows=True) & Q(b_allows=True),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    epoch = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(company_a__lt=F("company_b")), name="link_ordered"),
            models.UniqueConstraint(fields=["company_a", "company_b"], name="link_once"),
        ]
        indexes = [models.Index(fields=["company_b"], name="link_by_b")]


class Availability(models.Model):
    """External connection is available to a member: company allows, member granted and active.

    One live row (`ended_at` is null) for each member who has it. Written only by
    `federation.actions.availability.refresh_availability`; the triggers lock and read it.
    """

    member = models.ForeignKey(User, models.CASCADE, related_name="availabilities")
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at=None), name="availability_live_once")
        ]
