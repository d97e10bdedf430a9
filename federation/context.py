"""What every page may ask about external connection."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from federation.policies import reason_text, unavailable_reason


def external(request: HttpRequest) -> dict[str, Any]:
    """`external.available` and, when it is not, `external.why`; asked only by pages that use it."""
    return {"external": SimpleLazyObject(lambda: _state(request))}


def _state(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {"available": False, "why": ""}
    reason = unavailable_reason(request.user)
    return {"available": reason is None, "why": reason_text(reason) if reason else ""}
