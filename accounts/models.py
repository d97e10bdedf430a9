"""Companies and their people."""

import zoneinfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

LANGUAGES = [("en", "English"), ("ko", "한국어"), ("ja", "日本語")]


def time_zones() -> list[tuple[str, str]]:
    """The time zones a member may choose, as (key, label)."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class Company(models.Model):
    """A tenant."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """An e-mail domain that a company owns: others ask for a connection by it, and nobody else uses its addresses."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="domains")
    name = models.CharField(
        _("domain"),
        max_length=253,
        unique=True,
        validators=[RegexValidator(r"^([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\Z", _("Write it like example.com."))],
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


class UserManager(BaseUserManager["User"]):
    """Makes accounts. E-mail addresses and handles are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new account; `handle` defaults to the address' local part."""
        fields.setdefault("handle", email.split("@", maxsplit=1)[0].lower())
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new operator."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A member of one company, or (without company) the operator of the deployment."""

    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="members")
    email = models.EmailField(_("e-mail"), unique=True)
    handle = models.CharField(
        _("handle"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{1,39}\Z", _("Small letters, digits, dots, - and _ only."))],
    )
    name = models.CharField(_("name"), max_length=100)
    photo = models.ImageField(_("photo"), upload_to="photos/", blank=True)
    title = models.CharField(_("title"), max_length=100, blank=True)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True, related_name="members")
    phone = models.CharField(_("phone number"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul")
    is_administrator = models.BooleanField(_("administrator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(company__isnull=False) | models.Q(is_superuser=True), name="member_has_company"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="member_email_lower"),
            models.CheckConstraint(condition=models.Q(handle=Lower("handle")), name="member_handle_lower"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin opens: administrators for their own company, operators for all."""
        return self.is_superuser or self.is_administrator


class Notification(models.Model):
    """Something a member was told; `kind` names the template text, `data` fills it."""

    recipient = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_list"),
            models.Index(fields=["recipient"], condition=models.Q(read_at=None), name="notification_unread"),
        ]


class AuditEntry(models.Model):
    """What happened in a company: who, what, when. Written by `accounts.actions.audit.audit`, never changed."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="audit_entries")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    event = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["company", "-id"], name="audit_list")]

    def __str__(self) -> str:
        return self.event
