"""Writing, reading on, reconnecting: the plain HTTP way, which needs no socket and no JavaScript."""

from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.requests import MemberRequest
from contacts.actions.reconnect import reconnect_external_contact
from messaging.access import room_of
from messaging.actions.read import mark_read
from messaging.actions.rooms import reopen_direct_room
from messaging.actions.send import Draft, send_message
from messaging.message import wire
from messaging.message.row import MessageRow
from messaging.models import Room
from messaging.pages.conversation import room_context
from messaging.pages.room_list import list_context
from messaging.rates import SEND_RATE
from messaging.text import clean
from worksbridge.errors import BadRequest, NotFound, WorksBridgeError
from worksbridge.live.rate_limits import limit
from worksbridge.ui.numbers import whole_number


@login_required
@require_POST
def send(request: MemberRequest, pk: int) -> HttpResponse:
    """Store one message. What was typed comes back with the reason when it cannot be stored."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    room = room_of(request.user, pk)
    try:
        limit(f"send:{request.user.pk}", SEND_RATE)
        message = _store(request, room) if wants_json else _store_typed(request, room)
    except WorksBridgeError as error:
        if wants_json:
            raise
        return _again(request, room, error)
    if wants_json:
        return HttpResponse(wire.item(message), content_type="application/json")
    return redirect("messaging:room", pk=pk)


def _store_typed(request: MemberRequest, room: Room) -> MessageRow:
    """Store what a form without scripts sends: pressed twice, it is stored once."""
    message = _store(request, room)
    if message.body == clean(request.POST.get("body", "")):
        return message
    # Its id was used before: the browser went back to the page, and something else was typed there.
    return send_message(Draft(room.pk, request.user.pk, uuid4(), request.POST["body"]))


def _store(request: MemberRequest, room: Room) -> MessageRow:
    try:
        client_id = UUID(request.POST["client_id"]) if request.POST.get("client_id") else uuid4()
    except ValueError as error:
        raise BadRequest("“client_id” must be a UUID.") from error
    return send_message(Draft(room.pk, request.user.pk, client_id, request.POST.get("body", "")))


def _again(request: MemberRequest, room: Room, error: WorksBridgeError) -> HttpResponse:
    context = list_context(request, room.pk) | room_context(request, room)
    context |= {
        "error": error.text,
        "draft": request.POST.get("body", ""),
        "list_page": reverse("messaging:room", args=[room.pk]),
    }
    return render(request, "messaging/room.html", context, status=error.status)


@login_required
@require_POST
def read(request: MemberRequest, pk: int) -> HttpResponse:
    """The member has read up to message `seq`."""
    seq = whole_number(request.POST.get("seq", ""), "seq")
    mark_read(member_id=request.user.pk, room_id=pk, seq=seq)
    return HttpResponse(status=204)


@login_required
@require_POST
def reconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a frozen 1:1 room again, after both administrators have allowed it again."""
    room = room_of(request.user, pk)
    other = room.other_than(request.user)
    if other is None or not room.is_external:
        raise NotFound
    reconnect_external_contact(member=request.user, person=other)
    reopen_direct_room(member=request.user, other=other)
    return redirect("messaging:room", pk=pk)
