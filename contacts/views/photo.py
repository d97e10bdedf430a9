"""Photos of people, for those who may see them."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import MemberRequest
from federation.policies import may_reach
from worksbridge.errors import NotFound


@login_required
@require_GET
def photo(request: MemberRequest, pk: int) -> FileResponse:
    """One person's photo: of oneself, a colleague, or an external user whom one may reach now."""
    person = User.objects.filter(pk=pk).exclude(photo="").first()
    if person is None or (person.pk != request.user.pk and not may_reach(request.user, person)):
        raise NotFound
    try:
        stored = person.photo.open("rb")
    except OSError as error:
        raise NotFound from error
    response = FileResponse(stored, content_type="image/webp")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
