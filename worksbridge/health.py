"""Whether this process can do its work."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _valkey() -> None:
    cache.get("healthz")


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when Postgres and Valkey answer, else 503 with the names of those that do not."""
    failed = []
    for name, check in (("database", _database), ("valkey", _valkey)):
        try:
            check()
        except Exception:  # whatever went wrong there, the answer is the same: it does not work
            failed.append(name)
    if failed:
        return HttpResponse(f"not answering: {', '.join(failed)}\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
