"""People's accounts."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.companies import Company, Department
from worksbridge.mail_addresses import address_or_text, clean_address

LANGUAGES = [("en", "English"), ("ko", "한국어"), ("ja", "日本語")]


class UserManager(BaseUserManager["User"]):
    """Makes accounts. E-mail addresses are kept in the one form that `clean_address` makes of them."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new account; `handle` defaults to the address' local part. Raises ValidationError for no address."""
        email = clean_address(email)
        fields.setdefault("handle", email.split("@", maxsplit=1)[0])
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new operator."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=address_or_text(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A member of one company, or (without company) the operator of the deployment."""

    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="members")
    email = models.EmailField(_("e-mail"), unique=True)
    handle = models.CharField(
        _("handle"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9._-]{1,39}\Z", _("Lowercase letters, digits, dots, - and _ only."))
        ],
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
    # Since when an invitation waits to be accepted.
    invited_at = models.DateTimeField(null=True, blank=True)
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
            # Nothing but letters that everybody sees: what `clean_address` makes of every address.
            models.CheckConstraint(condition=models.Q(email__regex=r"^[!-~]+@[a-z0-9.-]+$"), name="member_email_plain"),
            models.CheckConstraint(condition=models.Q(handle=Lower("handle")), name="member_handle_lower"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def page_language(self) -> str:
        """The language of the member's pages and mails: the one they chose, once it is offered."""
        return self.language if self.language in dict(settings.LANGUAGES) else "en"

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin opens: administrators for their own company, operators for all."""
        return self.is_superuser or self.is_administrator
