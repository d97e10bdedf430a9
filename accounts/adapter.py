"""The product's rules for allauth."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from worksbridge.errors import TooMany

# The longer of allauth's two windows for failed attempts: five minutes for an address, one for a place.
WAIT = 300


class Adapter(DefaultAccountAdapter):
    """Accounts are made by administrators, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """The page that says why, for members of a suspended company as for a deactivated one."""
        if user.company is not None and not user.company.is_active:
            return cast("HttpResponse", self.respond_user_inactive(request, user))
        return cast("HttpResponse | None", super().pre_login(request, user, **kwargs))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises TooMany after too many failed attempts for an address or from a place."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            text = _("Too many attempts to sign in. Please wait five minutes, then try again.")
            raise TooMany(text, retry_after=WAIT) from error
