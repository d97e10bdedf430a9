"""Error pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from worksbridge.errors import BadRequest, NotFound, Refused, TooMany, WorksBridgeError

SERVER_ERROR = 500


def error_response(request: HttpRequest, error: WorksBridgeError) -> HttpResponse:
    """An error as JSON for a script, as a page for a person."""
    response: HttpResponse
    if "application/json" in request.headers.get("Accept", ""):
        detail = {"detail": error.detail} if isinstance(error, BadRequest) else {}
        response = JsonResponse({"code": error.code, "text": str(error.text)} | detail, status=error.status)
    else:
        context = {"error_text": error.text, "error_status": error.status}
        response = render(request, "error.html", context, status=error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what does not exist and for what is not open to the viewer."""
    return error_response(request, NotFound())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Something the viewer knows of but may not do."""
    return error_response(request, Refused())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is too old, or from another site."""
    return error_response(
        request, Refused(_("This page was open too long, or cookies are off. Go back, reload the page and try again."))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side; the page needs neither session nor database."""
    return render(None, "500.html", status=SERVER_ERROR)
