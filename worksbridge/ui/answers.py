"""Answers to forms in a dialog, posted by htmx, or on a page of their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worksbridge.errors import TooMany, WorksBridgeError
from worksbridge.refusals import tell_refused


def done(request: HttpRequest, address: str) -> HttpResponse:
    """Go on to `address`: the whole page, also when the form stood in a dialog."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def refused(request: HttpRequest, template: str, context: dict[str, Any], error: WorksBridgeError) -> HttpResponse:
    """The form again, with what was typed and the error's sentence (unless it gives `reasons` of its own)."""
    tell_refused(request.user.pk, error, request.path)
    reasons = getattr(error, "reasons", [])
    context = context | {"error": "" if reasons else str(error.text), "refusals": reasons}
    response = render(request, template, context, status=error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
