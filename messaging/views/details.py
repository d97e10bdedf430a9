"""The details of a room: who is in it, what it is called, how the member keeps it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.photos import photo_answer
from accounts.requests import MemberRequest
from contacts.views.following import following
from messaging.access import master_room, room_of
from messaging.actions.editing import edit_room
from messaging.actions.room_preferences import set_room_preferences
from messaging.admission import MOST_MEMBERS
from messaging.forms import EditRoomForm
from messaging.models import Room
from messaging.pages.conversation import view_room
from messaging.pages.members import PAGE_SIZE, last_of_host, masters_left, members_page
from messaging.rates import CHANGE_RATE
from worksbridge.errors import WorksBridgeError
from worksbridge.live.rate_limits import limit
from worksbridge.ui.answers import done, refused
from worksbridge.ui.numbers import whole_number
from worksbridge.ui.searching import searched

LAST_PAGE = MOST_MEMBERS // PAGE_SIZE + 1


def _members(request: MemberRequest, room: Room) -> dict[str, Any]:
    page = min(max(1, whole_number(request.GET.get("page", "1"), "page")), LAST_PAGE)
    query = searched(request.GET.get("q", ""))
    found = members_page(request.user, room, page=page, query=query)
    view = view_room(request.user, room)
    return {"groups": found.groups, "next_page": found.next_page, "names": found.names, "query": query, "room": view}


@login_required
@require_GET
def details(request: MemberRequest, pk: int) -> HttpResponse:
    """The details panel, as a page of its own."""
    room = room_of(request.user, pk)
    context = _members(request, room)
    context |= {"masters_left": masters_left(request.user, room), "last_of_host": last_of_host(request.user, room)}
    context["names"] = context["room"].names | context["names"]
    return render(request, "messaging/details.html", context)


@login_required
@require_GET
def members(request: MemberRequest, pk: int) -> HttpResponse:
    """A page of the member list."""
    return render(request, "messaging/_members.html", _members(request, room_of(request.user, pk)))


@login_required
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Name, description, photo, and what newcomers see; for Group Masters."""
    room = master_room(request.user, pk)
    form = EditRoomForm(request.POST or None, room=room)
    context = {"form": form, "room": view_room(request.user, room)}
    if request.method == "POST":
        try:
            # Before the photo is looked at.
            limit(f"rooms:{request.user.pk}", CHANGE_RATE)
            form = context["form"] = EditRoomForm(request.POST, request.FILES, room=room)
            if form.is_valid():
                edit_room(master=request.user, room_id=pk, **form.cleaned_data)
                messages.success(request, _("Room updated."))
                return done(request, reverse("messaging:room", args=[pk]))
        except WorksBridgeError as error:
            return refused(request, "messaging/edit.html", context, error)
    return render(request, "messaging/edit.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def photo(request: MemberRequest, pk: int) -> FileResponse:
    """The room's photo, for those who are in it now."""
    return photo_answer(room_of(request.user, pk).photo)


@login_required
@require_POST
def settings(request: MemberRequest, pk: int) -> HttpResponse:
    """How the member keeps the room: pinned, muted, hidden, unread, each 1 or 0."""
    sent = {name: request.POST[name] == "1" for name in ("pinned", "muted", "hidden", "unread") if name in request.POST}
    set_room_preferences(member=request.user, room_id=pk, **sent)
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    return redirect(following(request, "messaging:home"))
