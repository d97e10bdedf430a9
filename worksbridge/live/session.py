"""Who opened a socket: read from the session cookie, the same way a page request reads it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user,
    get_user_model,
    load_backend,
)
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

# What a key of Django's sessions can look like: a cookie may hold anything, even what Postgres refuses.
KEY = re.compile(r"[a-z0-9]{8,40}")


@dataclass(frozen=True)
class Identity:
    """The signed-in member behind a session."""

    member_id: int
    company_id: int | None
    session_key: str


def ended_sessions(members: Mapping[str, int]) -> set[str]:
    """Which of these sessions (key → member id) are gone or expired, or belong to someone deactivated. Two queries.

    Members of a suspended company count as deactivated.
    """
    alive = set(Session.objects.filter(pk__in=members, expire_date__gt=timezone.now()).values_list("pk", flat=True))
    suspended = Q(is_active=False) | Q(company__is_active=False)
    inactive = get_user_model().objects.filter(suspended, pk__in=set(members.values()))
    gone = set(inactive.values_list("pk", flat=True))
    return {key for key, member in members.items() if key not in alive or member in gone}


def session_key_of(scope: dict[str, Any]) -> str:
    """The session cookie of an ASGI scope, or an empty text when there is none that could be one."""
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        morsel = SimpleCookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel and KEY.fullmatch(morsel.value) else ""


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


def identify_all(session_keys: Collection[str]) -> dict[str, Identity]:
    """The same for any number of sessions, in two queries; those without a member are left out."""
    rows = Session.objects.filter(pk__in={key for key in session_keys if key}, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    ids = {data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data}
    users = get_user_model().objects.select_related("company").in_bulk([int(pk) for pk in ids])
    found = {key: _identity(key, data, users) for key, data in sessions.items()}
    return {key: identity for key, identity in found.items() if identity is not None}


def _identity(key: str, data: Mapping[str, Any], users: Mapping[int, Any]) -> Identity | None:
    user = users.get(int(data.get(SESSION_KEY) or 0))
    backend = data.get(BACKEND_SESSION_KEY)
    if user is None or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    who_may: Any = load_backend(backend)
    if not who_may.user_can_authenticate(user):
        return None
    if not constant_time_compare(data.get(HASH_SESSION_KEY) or "", user.get_session_auth_hash()):
        # Made with an earlier secret, or with an earlier password: Django knows what to do with it.
        return identify(key)
    return Identity(user.pk, user.company_id, key)
