"""Limits and errors for every page."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from worksbridge.client_address import coming_from
from worksbridge.errors import TooMany, WorksBridgeError
from worksbridge.refusals import tell_refused
from worksbridge.ui.views import error_response, not_found

TOO_MANY = 429
WAIT = 60
Next = Callable[[HttpRequest], HttpResponse]


class ClientAddress:
    """Lets whatever is done for the request know the address it came from: the one the server saw, no header's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(request.META.get("REMOTE_ADDR")):
            return self.get_response(request)


class BodyLimit:
    """Refuses bodies that are too large by what they say of themselves, before they are read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > settings.BODY_LIMIT:
            return HttpResponse("That is too large to send.\n", status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class Errors:
    """Renders the product's own errors, in one place, as what the page asked for."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEBUG and not _is_known(request):
            return not_found(request)
        response = self.get_response(request)
        # allauth's own limits, counted by the minute, answer with a page that does not say how long.
        if response.status_code == TOO_MANY and "Retry-After" not in response.headers:
            return error_response(request, TooMany(retry_after=WAIT))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer for a WorksBridgeError, and for what is not there; other exceptions go on."""
        if isinstance(error, Http404):
            # With DEBUG Django would answer with all addresses of the product, and people try the product with it.
            return not_found(request, error)
        if not isinstance(error, WorksBridgeError):
            return None
        tell_refused(request.user.pk, error, request.path)
        return error_response(request, error)


def _is_known(request: HttpRequest) -> bool:
    try:
        resolve(request.path_info)
    except Resolver404:
        return False
    return True
