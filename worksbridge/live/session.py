"""Who opened a socket: read from the session cookie, the same way a page request reads it."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest


@dataclass(frozen=True)
class Identity:
    """The signed-in member behind a session."""

    member_id: int
    company_id: int | None
    session_key: str


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
