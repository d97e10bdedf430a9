"""What people get while the database is away: a plain page that says so, and when to come again."""

import sys
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from worksbridge.ui.middleware import Next

STATUS = 503
# Seconds; a restart of Postgres takes about as long.
RETRY_AFTER = 5


class _NoReport(ExceptionReporter):
    """With DEBUG, instead of Django's page of tracebacks: that one asks the database for what it shows."""

    def get_traceback_html(self) -> SafeString:
        """Nothing: the answer is replaced."""
        return SafeString("")


@receiver(got_request_exception)
def _note(request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Remember why a request failed: middleware outside of where it did sees only Django's answer."""
    if request is not None and isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        request.database_away = True  # type: ignore[attr-defined]
        request.exception_reporter_class = _NoReport


class Unavailable:
    """Answers 503 instead of "something is broken" when it was the database that did not answer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "database_away", False):
            return _answer(request)
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    if "application/json" in request.headers.get("Accept", ""):
        text = "WorksBridge cannot reach its database just now."
        return JsonResponse({"code": "unavailable", "text": text}, status=STATUS, headers=headers)
    return HttpResponse(render_to_string("503.html", {"retry_after": RETRY_AFTER}), status=STATUS, headers=headers)
