"""The Calls page, and the check of devices and network."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import MemberRequest
from calls.call_log import calls_page
from worksbridge.ui.numbers import whole_number


@login_required
@require_GET
def calls(request: MemberRequest) -> HttpResponse:
    """The member's calls, newest first."""
    found = calls_page(request.user, page=whole_number(request.GET.get("page", "1"), "page"))
    return render(request, "calls/list.html", {"page": found.page, "names": found.names})


@login_required
@require_GET
def check(request: MemberRequest) -> HttpResponse:
    """Microphone, camera, speaker and network, to be chosen and tried before a call."""
    return render(request, "calls/check.html")
