"""Reading: the message page and its parts."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import MemberRequest
from messaging.access import room_of, seat_of
from messaging.message import wire
from messaging.pages.conversation import Page, changed_since, earlier, later, latest, room_context, view_room
from messaging.pages.room_list import list_context
from messaging.pages.search_results import answer, found_context
from messaging.readers import readers_of
from worksbridge.metrics import caught_up
from worksbridge.ui.numbers import whole_number


@login_required
@require_GET
def home(request: MemberRequest) -> HttpResponse:
    """The message page with no room open."""
    return answer(request, "messaging/home.html", list_context(request) | found_context(request))


@login_required
@require_GET
def room_list(request: MemberRequest) -> HttpResponse:
    """The room list alone, beside the room `open`."""
    shown = request.GET.get("open")
    context = list_context(request, whole_number(shown, "open") if shown else None)
    return render(request, "messaging/_room_list.html", context)


@login_required
@require_GET
def room(request: MemberRequest, pk: int) -> HttpResponse:
    """The message page with one room open."""
    found = room_of(request.user, pk)
    context = list_context(request, found.pk) | found_context(request) | room_context(request, found)
    return answer(request, "messaging/room.html", context)


def _part(request: MemberRequest, pk: int, template: str) -> HttpResponse:
    view = view_room(request.user, room_of(request.user, pk))
    return render(request, template, {"room": view, "names": view.names, "client_id": uuid4()})


@login_required
@require_GET
def header(request: MemberRequest, pk: int) -> HttpResponse:
    """The open room's header alone."""
    return _part(request, pk, "messaging/_header.html")


@login_required
@require_GET
def foot(request: MemberRequest, pk: int) -> HttpResponse:
    """The open room's foot alone: banner, stranger bar, composer."""
    return _part(request, pk, "messaging/_foot.html")


@login_required
@require_GET
def timeline(request: MemberRequest, pk: int) -> HttpResponse:
    """A page of messages: those before `before` or after `after`, or the latest ones."""
    found = room_of(request.user, pk)
    context: dict[str, Any] = {"room_id": found.pk}
    if "before" in request.GET:
        page: Page = earlier(request.user, found, whole_number(request.GET["before"], "before"))
        # Put before what the page has: whether there is more after it the page knows.
        context |= {"timeline": page.messages, "oldest": page.oldest, "newest": True}
    elif "after" in request.GET:
        page = later(request.user, found, whole_number(request.GET["after"], "after"))
        context |= {"timeline": page.messages, "oldest": True, "newest": page.newest}
    else:
        page = latest(request.user, found, found.rev)
        context |= {"timeline": page.messages, "oldest": page.oldest, "newest": True}
    response = render(request, "messaging/_messages.html", context)
    response["X-Room-Rev"] = str(found.rev)
    return response


@login_required
@require_GET
def changes(request: MemberRequest, pk: int) -> HttpResponse:
    """What changed after revision `after`, for a page that missed a push or reconnected."""
    seat = seat_of(request.user, pk)
    messages = changed_since(seat, whole_number(request.GET.get("after", ""), "after"))
    caught_up(reload=messages is None)
    head = {"rev": seat.room.rev, "reload": messages is None, "reads": readers_of(request.user, seat.room)}
    return HttpResponse(wire.frame(head, messages or []), content_type="application/json")
