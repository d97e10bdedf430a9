"""Pages that show what ends, and ask: how a test says yes."""

from collections import defaultdict
from typing import Any

from django.http import HttpResponse
from django.test import Client


def posted(client: Client, url: str, data: dict[str, Any], **options: Any) -> HttpResponse:
    """Send a form of the admin, and agree to what it would end when that is asked. Returns the last answer."""
    answer = client.post(url, data, **options)
    return agreed(client, url, answer, **options) if asks(answer) else answer


def asks(answer: HttpResponse) -> bool:
    """Whether the page shows what would end, and nothing is done yet."""
    context = getattr(answer, "context", None)
    return context is not None and "shown" in dict(context.get("hidden") or ())


def agreed(client: Client, url: str, answer: HttpResponse, **options: Any) -> HttpResponse:
    """Say yes on such a page: what it keeps is sent again."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in answer.context["hidden"]:
        fields[name].append(value)
    return client.post(url, fields, **options)
