"""Finding messages by words, beneath the rooms found."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.requests import MemberRequest
from messaging.pages.search_results import answer, found_context


@login_required
@require_GET
def search(request: MemberRequest) -> HttpResponse:
    """The messages found, alone."""
    return answer(request, "messaging/_found.html", found_context(request))
