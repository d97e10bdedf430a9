"""The signed-in member's language, time zone and privacy, on every request."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User
from accounts.requests import member_of
from worksbridge.logs.context import bind_member


class Viewer:
    """Shows pages in the member's language and zone, and keeps them out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session cookie no one is signed in, so no query is needed.
        if request.user.is_authenticated:
            return self._as_member(request, member_of(request))
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _as_member(self, request: HttpRequest, member: User) -> HttpResponse:
        bind_member(member.pk, member.company_id)
        with translation.override(member.page_language), timezone.override(_zone(member.time_zone)):
            response = self.get_response(request)
            response.headers["Content-Language"] = translation.get_language() or "en"
        response.headers["Cache-Control"] = "private, no-store"
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
