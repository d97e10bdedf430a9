"""One line in the log and one count for each request."""

import logging
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from worksbridge import metrics
from worksbridge.logs.context import about, request_id
from worksbridge.ui.middleware import Next

logger = logging.getLogger(__name__)
BROKEN = 500
MAX_LENGTH = 200
# Parts of addresses that are as good as a password.
SECRETS = {"token", "key", "uidb36", "uidb64"}


class RequestLog:
    """Names the request, in the log and in its answer, and tells how it went."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        name = request_id(request.headers.get("X-Request-ID", ""))
        with about(request=name):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = name
            _tell(request, response.status_code, time.perf_counter() - started)
        return response


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    route, method = _route(request), request.method or ""
    metrics.answered(method, status, route, seconds)
    fields = {"method": method, "path": shown_path(request), "route": route, "status": status}
    logger.log(_level(route, status), "request", extra=fields | {"ms": round(seconds * 1000, 1)})


def _level(route: str, status: int) -> int:
    if status >= BROKEN:
        return logging.WARNING
    return logging.DEBUG if route == "static" else logging.INFO


def _route(request: HttpRequest) -> str:
    """The name of the address: as many as the product has, whatever people ask for."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def shown_path(request: HttpRequest) -> str:
    """The path of a request without its query and without secrets."""
    path = request.path
    captured = request.resolver_match.kwargs if request.resolver_match else {}
    for name in SECRETS & captured.keys():
        path = path.replace(str(captured[name]), "…")
    return path[:MAX_LENGTH]
