"""The call window: before ringing, and during the call."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import MemberRequest
from calls.access import call_of
from calls.policies import require_may_call
from calls.snapshots import snapshot
from calls.views.participation import kind_of
from messaging.access import direct_room_with, room_of
from messaging.models import Room
from messaging.pages.conversation import view_room
from worksbridge.ui.numbers import whole_number


@login_required
@require_GET
def new(request: MemberRequest) -> HttpResponse:
    """A window that is about to call: nothing rings before it has a microphone."""
    kind = kind_of(request.GET.get("kind", "voice"))
    room = _room(request)
    require_may_call(request.user, room)
    auto = "start" if _from_here(request) else ""
    return render(
        request, "calls/window.html", _context(request.user, room) | {"call": None, "kind": kind, "auto": auto}
    )


@login_required
@require_GET
def call(request: MemberRequest, pk: int) -> HttpResponse:
    """The window of a call: `answer` says how it was answered in the page that rang."""
    found = call_of(request.user.pk, pk)
    answer = request.GET.get("answer", "")
    auto = answer if answer in ("voice", "video") and _from_here(request) else ""
    context = _context(request.user, found.room) | {"call": snapshot(found), "kind": found.kind, "auto": auto}
    return render(request, "calls/window.html", context)


def _room(request: MemberRequest) -> Room:
    """The room that the address names, by itself or by the other person of a 1:1 room. Raises NotFound."""
    if "person" not in request.GET:
        return room_of(request.user, whole_number(request.GET.get("room", ""), "room"))
    return direct_room_with(request.user, whole_number(request.GET["person"], "person"))


def _from_here(request: MemberRequest) -> bool:
    """Whether a page of ours opened the window: another site must not start or answer calls.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _context(member: User, room: Room) -> dict[str, Any]:
    view = view_room(member, room)
    return {
        "room_id": room.pk,
        "room_name": view.name,
        "is_direct": view.is_direct,
        "is_external": view.is_external,
        "other": view.other,
        "companies": view.companies,
        "names": view.names,
    }
