"""Companies, the domains they own, and their departments."""

import zoneinfo

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


def time_zones() -> list[tuple[str, str]]:
    """The time zones a member may choose, as (key, label)."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class Company(models.Model):
    """A tenant."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), unique=True)
    # That of its members, unless they choose another.
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul", db_default="Asia/Seoul")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """An e-mail domain that a company owns: others use it to ask for a link, and no one else uses its addresses."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="domains")
    name = models.CharField(
        _("domain"),
        max_length=253,
        unique=True,
        validators=[RegexValidator(r"^([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\Z", _("Use the form example.com."))],
    )

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=models.Q(name=Lower("name")), name="domain_lower")]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of a company."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="departments")
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint("company", Lower("name"), name="department_name_unique")]

    def __str__(self) -> str:
        return self.name
