"""New: choose people, then open the 1:1 room, an existing room, or a new group room."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.policies import names_for
from messaging.access import known_person
from messaging.actions.editing import NAME_LENGTH
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.forms import RoomForm
from messaging.pages.chooser import Choice, chooser_context, companies_outside, read_choice, require_someone
from messaging.pages.rooms_with import rooms_with_exactly
from messaging.rates import CHANGE_RATE
from worksbridge.errors import WorksBridgeError
from worksbridge.live.rate_limits import limit
from worksbridge.ui.answers import done, refused


@login_required
def new(request: MemberRequest) -> HttpResponse:
    """Choose people. OK with one person opens the 1:1 room; with several, rooms with these people are offered."""
    choice = read_choice(request)
    step = request.POST.get("do")
    if step == "ok":
        return _chosen(request, choice)
    if step == "create":
        return _form(request, choice, RoomForm(initial={"name": _suggested(request.user, choice.chosen)}))
    return _choose(request, choice)


def _choose(request: MemberRequest, choice: Choice, error: WorksBridgeError | None = None) -> HttpResponse:
    context = chooser_context(request, choice) | {"heading": _("New message")}
    if error:
        return refused(request, "messaging/new.html", context, error)
    return render(request, "messaging/new.html", context)


def _chosen(request: MemberRequest, choice: Choice) -> HttpResponse:
    try:
        require_someone(choice)
        if len(choice.chosen) == 1:
            room = open_direct_room(member=request.user, other=choice.chosen[0])
            return done(request, reverse("messaging:room", args=[room.pk]))
    except WorksBridgeError as error:
        return _choose(request, choice, error)
    found = rooms_with_exactly(request.user, choice.chosen)
    if found:
        return render(request, "messaging/rooms_with.html", _common(request, choice) | {"found": found})
    return _form(request, choice, RoomForm(initial={"name": _suggested(request.user, choice.chosen)}))


def _common(request: MemberRequest, choice: Choice) -> dict[str, Any]:
    outside = companies_outside(request.user, choice.chosen)
    return {
        "here": request.path,
        "chosen": choice.chosen,
        "names": names_for(request.user, [person.pk for person in choice.chosen]),
        "companies": outside,
        "is_external": bool(outside),
    }


def _suggested(member: User, people: list[User]) -> str:
    names = names_for(member, [person.pk for person in people])
    shown = ", ".join([member.name, *(names.get(person.pk) or person.name for person in people)])
    return shown if len(shown) <= NAME_LENGTH else shown[: NAME_LENGTH - 1] + "…"


def _form(
    request: MemberRequest, choice: Choice, form: RoomForm, error: WorksBridgeError | None = None
) -> HttpResponse:
    context = _common(request, choice) | {"form": form}
    if error:
        return refused(request, "messaging/create.html", context, error)
    return render(request, "messaging/create.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def create(request: MemberRequest) -> HttpResponse:
    """Make the group room of the chosen people. What was typed comes back with the reason when that fails."""
    choice = read_choice(request)
    form = RoomForm(request.POST)
    try:
        # Before the photo is looked at.
        limit(f"rooms:{request.user.pk}", CHANGE_RATE)
        require_someone(choice)
        form = RoomForm(request.POST, request.FILES)
        if not form.is_valid():
            return _form(request, choice, form)
        room = create_group_room(creator=request.user, members=choice.chosen, **form.cleaned_data)
    except WorksBridgeError as error:
        return _form(request, choice, form, error)
    return done(request, reverse("messaging:room", args=[room.pk]))


@login_required
@require_POST
def with_person(request: MemberRequest, person: int) -> HttpResponse:
    """Open the 1:1 room with a colleague or an external contact."""
    room = open_direct_room(member=request.user, other=known_person(request.user, person))
    return redirect("messaging:room", pk=room.pk)
