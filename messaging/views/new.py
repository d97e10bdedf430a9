"""New: choosing whom to talk to."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.policies import names_for
from federation.policies import is_available
from messaging.actions.rooms import open_direct_room
from worksbridge.errors import NotFound, WorksBridgeError
from worksbridge.ui.numbers import whole_number

SHOWN = 100


def _colleagues(member: User) -> QuerySet[User]:
    return User.objects.filter(company=member.company_id, is_active=True).exclude(pk=member.pk).exclude(company=None)


def _contacts(member: User) -> QuerySet[User]:
    people = member.external_contacts.filter(closed_at=None).values("person")
    return User.objects.filter(pk__in=people, is_active=True)


def _matching(member: User, people: QuerySet[User], query: str) -> QuerySet[User]:
    found = Q(name__icontains=query) | Q(handle__icontains=query) | Q(title__icontains=query)
    named = member.external_contacts.filter(name__icontains=query).values("person")
    return people.filter(found | Q(pk__in=named)) if query else people


def _choosable(member: User, source: str) -> QuerySet[User]:
    return _contacts(member) if source == "external" else _colleagues(member)


@login_required
def new(request: MemberRequest) -> HttpResponse:
    """Choose a person from one's colleagues or external contacts; OK opens the 1:1 room."""
    source = "external" if request.GET.get("from", request.POST.get("from")) == "external" else "members"
    error = ""
    if request.method == "POST":
        try:
            return _open(request, source)
        except WorksBridgeError as refusal:
            error = str(refusal.text)
    context = _people(request, source) | {"source": source, "error": error}
    return render(request, "messaging/new.html", context, status=400 if error else 200)


def _people(request: MemberRequest, source: str) -> dict[str, Any]:
    query = request.GET.get("q", "").replace("\0", "")[:100].strip()
    available = is_available(request.user)
    if source == "external" and not available:
        return {"people": [], "query": query, "names": {}, "more": False}
    people = _matching(request.user, _choosable(request.user, source), query)
    found = list(people.select_related("company", "department").order_by("name", "pk")[: SHOWN + 1])
    names = names_for(request.user, [person.pk for person in found])
    return {"people": found[:SHOWN], "query": query, "names": names, "more": len(found) > SHOWN}


def _open(request: MemberRequest, source: str) -> HttpResponse:
    chosen = request.POST.getlist("people")
    if len(chosen) != 1:
        raise WorksBridgeError(_("Choose one person."))
    person = _choosable(request.user, source).filter(pk=whole_number(chosen[0], "people")).first()
    if person is None:
        raise NotFound
    room = open_direct_room(member=request.user, other=person)
    return redirect("messaging:room", pk=room.pk)


@login_required
@require_POST
def with_person(request: MemberRequest, person: int) -> HttpResponse:
    """Open the 1:1 room with a colleague or an external contact."""
    known = User.objects.filter(
        Q(pk__in=_colleagues(request.user)) | Q(pk__in=request.user.external_contacts.values("person"))
    )
    other = get_object_or_404(known, pk=person)
    room = open_direct_room(member=request.user, other=other)
    return redirect("messaging:room", pk=room.pk)
