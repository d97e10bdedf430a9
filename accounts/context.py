"""What every page knows of its viewer."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Notification


def viewer(request: HttpRequest) -> dict[str, Any]:
    """`viewer`, and the number of unread notifications, counted only by pages that show it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"viewer": None, "unread_notifications": 0}
    unread = Notification.objects.filter(recipient=request.user, read_at=None)
    return {"viewer": request.user, "unread_notifications": SimpleLazyObject(unread.count)}
