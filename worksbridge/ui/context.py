"""What every page knows of the product."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The name of the section that is open, for the navigation."""
    section = request.path.strip("/").split("/")[0]
    return {"section": section or "messages", "product": "WorksBridge"}
