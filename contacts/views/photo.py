"""Photos of people, for those who may see them."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.photos import photo_answer
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
    return photo_answer(person.photo)
