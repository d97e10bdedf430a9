"""What was said after a message, for a page that comes back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from tests.benchmarks.tutorial_chat.models import ChatMessage


@login_required
def messages(request: HttpRequest, room: int) -> JsonResponse:
    """The messages of a room after the one with the number `after`."""
    found = ChatMessage.objects.filter(room=room, pk__gt=request.GET["after"]).select_related("author").order_by("pk")
    rows = [{"id": row.pk, "key": row.key, "text": row.text, "author": row.author.username} for row in found]
    return JsonResponse({"messages": rows})
