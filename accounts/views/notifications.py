"""What a member was told."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.requests import MemberRequest

PER_PAGE = 50


@login_required
def notifications(request: MemberRequest) -> HttpResponse:
    """The member's notifications, newest first; POST marks all as read."""
    if request.method == "POST":
        request.user.notifications.filter(read_at=None).update(read_at=timezone.now())
        return redirect("notifications")
    page = Paginator(request.user.notifications.all(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/notifications.html", {"page": page})
