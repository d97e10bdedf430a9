"""Who opened a socket: read from the session cookie, the same way a page request reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone


@dataclass(frozen=True)
class Identity:
    """The signed-in member behind a session."""

    member_id: int
    company_id: int | None
    session_key: str


def ended_sessions(members: Mapping[str, int]) -> set[str]:
    """Which of these sessions (key → member id) are gone or expired, or belong to someone deactivated. Two queries.

    Whoever's company is suspended is as if deactivated.
    """
    alive = set(Session.objects.filter(pk__in=members, expire_date__gt=timezone.now()).values_list("pk", flat=True))
    suspended = Q(is_active=False) | Q(company__is_active=False)
    inactive = get_user_model().objects.filter(suspended, pk__in=set(members.values()))
    gone = set(inactive.values_list("pk", flat=True))
    return {key for key, member in members.items() if key not in alive or member in gone}


def session_key_of(scope: dict[str, Any]) -> str:
    """The session cookie of an ASGI scope, or an empty text."""
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        morsel = SimpleCookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def identify(session_key: str) -> Identity | None:
    """The active member whose valid session this is, or None. Runs two queries."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        return None
    return Identity(user.pk, getattr(user, "company_id", None), session_key)
