"""Who is in a group room: adding, removing, mastership, leaving."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.requests import MemberRequest
from messaging.access import master_room
from messaging.actions.editing import copy_photo
from messaging.actions.groups import create_group_room
from messaging.actions.joining import History, OpensRoom, add_members
from messaging.actions.leaving import leave_room, remove_member
from messaging.actions.masters import hand_over, make_master, step_down
from messaging.models import Room
from messaging.pages.chooser import Choice, chooser_context, companies_outside, read_choice, require_someone
from messaging.pages.conversation import view_room
from messaging.pages.members import others_in
from messaging.rates import CHANGE_RATE
from worksbridge.errors import BadRequest, WorksBridgeError
from worksbridge.live.rate_limits import limit
from worksbridge.ui.answers import done, refused


@login_required
def add(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose people to add. An external person for an internal room makes a question first."""
    room = master_room(request.user, pk)
    choice = read_choice(request)
    step = request.POST.get("do")
    try:
        if step in ("ok", "answer"):
            limit(f"rooms:{request.user.pk}", CHANGE_RATE)
        if step == "ok":
            return _add(request, room, choice)
        if step == "answer":
            return _answered(request, room, choice)
    except OpensRoom:
        return _ask(request, room, choice)
    except WorksBridgeError as error:
        return _choose(request, room, choice, error)
    return _choose(request, room, choice)


def _choose(request: MemberRequest, room: Room, choice: Choice, error: WorksBridgeError | None = None) -> HttpResponse:
    context = chooser_context(request, choice, without=room)
    context |= {"heading": _("Add members"), "room": view_room(request.user, room)}
    if error:
        return refused(request, "messaging/new.html", context, error)
    return render(request, "messaging/new.html", context)


def _add(request: MemberRequest, room: Room, choice: Choice, **how: Any) -> HttpResponse:
    require_someone(choice)
    came = add_members(master=request.user, room_id=room.pk, people=choice.chosen, **how)
    text = ngettext("%d person was added.", "%d people were added.", len(came))
    messages.success(request, text % len(came))
    return done(request, reverse("messaging:room", args=[room.pk]))


def _ask(request: MemberRequest, room: Room, choice: Choice) -> HttpResponse:
    context = chooser_context(request, choice) | {
        "room": view_room(request.user, room),
        "companies": companies_outside(request.user, choice.chosen),
    }
    return render(request, "messaging/open_or_new.html", context)


def _answered(request: MemberRequest, room: Room, choice: Choice) -> HttpResponse:
    require_someone(choice)
    # A room that is external already has nothing to ask: they come into it.
    if request.POST.get("how") == "open" or room.is_external:
        history = request.POST.get("history", History.NONE)
        if history not in list(History):
            raise BadRequest("“history” must be none, today or all.")
        return _add(request, room, choice, history=history, opens=True)
    people = [*others_in(room, request.user), *choice.chosen]
    photo = copy_photo(room)
    made = create_group_room(
        creator=request.user, members=people, name=room.name, description=room.description, photo=photo
    )
    return done(request, reverse("messaging:room", args=[made.pk]))


Act = Callable[[MemberRequest, int, int], str]


def _on_member(act: Act) -> Callable[..., HttpResponse]:
    """A view that acts on one member of a room, shows a message, and returns to the room."""

    @login_required
    @require_POST
    def view(request: MemberRequest, pk: int, member: int) -> HttpResponse:
        messages.success(request, act(request, pk, member))
        return redirect("messaging:room", pk=pk)

    view.__doc__ = act.__doc__
    return view


@_on_member
def remove(request: MemberRequest, pk: int, member: int) -> str:
    """Remove a member."""
    remove_member(master=request.user, room_id=pk, member_id=member)
    return _("Member removed.")


@_on_member
def master(request: MemberRequest, pk: int, member: int) -> str:
    """Share mastership."""
    make_master(master=request.user, room_id=pk, member_id=member)
    return _("Group Master added.")


@_on_member
def handover(request: MemberRequest, pk: int, member: int) -> str:
    """Hand mastership over."""
    hand_over(master=request.user, room_id=pk, member_id=member)
    return _("Group Master role transferred.")


@login_required
@require_POST
def stepping_down(request: MemberRequest, pk: int) -> HttpResponse:
    """Be a plain member again."""
    step_down(master=request.user, room_id=pk)
    messages.success(request, _("You are no longer Group Master of this room."))
    return redirect("messaging:room", pk=pk)


@login_required
@require_POST
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave the room."""
    leave_room(member=request.user, room_id=pk)
    messages.success(request, _("You have left the room."))
    return redirect("messaging:home")
