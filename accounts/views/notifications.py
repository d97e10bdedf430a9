"""A member's notifications."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.actions.notify import mark_notifications_read
from accounts.models import Notification
from accounts.requests import MemberRequest
from worksbridge.errors import NotFound

PER_PAGE = 50


@login_required
def notifications(request: MemberRequest) -> HttpResponse:
    """The member's notifications, newest first; what the page shows is read by it. POST marks all as read."""
    if request.method == "POST":
        mark_notifications_read(request.user)
        return redirect("notifications")
    page = Paginator(request.user.notifications.all(), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        mark_notifications_read(request.user, shown)
    return render(request, "accounts/notifications.html", {"page": page, "shown": shown})


@login_required
@require_safe
def notification(request: MemberRequest, pk: int) -> HttpResponse:
    """Follow one of the member's notifications to what it is about; it is read by that. 404 for anybody else's."""
    found: Notification | None = request.user.notifications.filter(pk=pk).first()
    if found is None or not found.url:
        raise NotFound
    mark_notifications_read(request.user, [found])
    return redirect(found.url)
