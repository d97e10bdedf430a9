"""Photos of people, for those who may see them."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse
from django.views.decorators.http import require_GET

from accounts.photos import photo_answer
from accounts.requests import MemberRequest
from contacts.access import person_with_photo


@login_required
@require_GET
def photo(request: MemberRequest, pk: int) -> FileResponse:
    """One person's photo."""
    return photo_answer(person_with_photo(request.user, pk).photo)
