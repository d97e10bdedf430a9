"""Finding and adding an external user."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.access import external_person_for
from contacts.actions.add import add_external_contact
from contacts.actions.find import find_external_user
from contacts.policies import has_live_contact
from contacts.views.following import following
from worksbridge.errors import TooMany, WorksBridgeError


@login_required
def add(request: MemberRequest) -> HttpResponse:
    """Find someone by exact handle or e-mail address; the result carries the Add button."""
    query = request.GET.get("q", "")
    person, error = _find(request.user, query) if "q" in request.GET else (None, None)
    known = person is not None and has_live_contact(request.user, person)
    context = {"query": query, "person": person, "error": error, "known": known}
    # The answer is a page even when no one is found: a script shows it in the dialog.
    response = render(request, "contacts/add.html", context)
    if isinstance(error, TooMany):
        response.status_code = error.status
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _find(member: User, query: str) -> tuple[User | None, WorksBridgeError | None]:
    try:
        return find_external_user(member=member, query=query), None
    except WorksBridgeError as error:
        return None, error


@login_required
@require_POST
def add_person(request: MemberRequest, person: int) -> HttpResponse:
    """Add a person one may reach."""
    found = external_person_for(request.user, person)
    contact = add_external_contact(member=request.user, person=found)
    messages.success(request, _("%(name)s is in your External Contacts.") % {"name": contact.shown_name})
    return redirect(following(request, "contacts:list"))
