"""Reading: the message page and its parts."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import MemberRequest
from messaging.access import room_of, seat_of
from messaging.actions.read import readers_of
from messaging.conversation import Page, RoomView, around, changed_since, earlier, later, latest, view_room
from messaging.listing import FIRST, Filter, RoomRow, list_mark, room_rows
from messaging.message import wire
from messaging.models import Room
from messaging.views.searching import answer, found_context
from worksbridge.metrics import caught_up
from worksbridge.ui.numbers import whole_number
from worksbridge.ui.searching import searched


def list_context(request: MemberRequest, open_room: int | None = None) -> dict[str, Any]:
    """What the room list's template needs; `filter` and `q` of the address choose the rooms.

    The first ones and the open one, unless `rows` is "all".
    """
    wanted = request.GET.get("filter", "")
    chosen = Filter(wanted) if wanted in list(Filter) else Filter.ALL
    query = searched(request.GET.get("q", ""))
    rows = room_rows(request.user, wanted=chosen, query=query)
    shown = rows if request.GET.get("rows") == "all" else _first(rows, open_room)
    return {
        "rooms": shown,
        "more_rooms": len(rows) > len(shown),
        "list_mark": list_mark(request.user.pk),
        "filter": chosen.value,
        "query": query,
    }


def _first(rows: list[RoomRow], open_room: int | None) -> list[RoomRow]:
    return rows[:FIRST] + [row for row in rows[FIRST:] if row.id == open_room]


def _page(request: MemberRequest, room: Room, view: RoomView) -> Page:
    """The stretch of the conversation that the address asks for; the end, for a message that is not there."""
    if "at" in request.GET:
        page = around(request.user, room, whole_number(request.GET["at"], "at"))
        return page or latest(request.user, room, view.read_seq)
    # Without scripts: the page of messages before the oldest one shown, or after the newest.
    if "before" in request.GET:
        return earlier(request.user, room, whole_number(request.GET["before"], "before"))
    if "after" in request.GET:
        return later(request.user, room, whole_number(request.GET["after"], "after"))
    return latest(request.user, room, view.read_seq)


def room_context(request: MemberRequest, room: Room) -> dict[str, Any]:
    """What the conversation's templates need."""
    view = view_room(request.user, room)
    page = _page(request, room, view)
    return {
        "room": view,
        "names": view.names,
        "messages_page": page,
        "timeline": page.messages,
        "oldest": page.oldest,
        "newest": page.newest,
        "new_after": page.new_after,
        "client_id": uuid4(),
    }


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
