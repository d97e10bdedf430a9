"""The External Contacts page and the notes on one contact."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.requests import MemberRequest
from contacts.access import contact_of
from contacts.actions.edit import edit_external_contact
from contacts.contact_list import contacts_of
from contacts.forms import NotesForm
from contacts.policies import all_names
from worksbridge.ui.searching import searched


@login_required
@require_GET
def contacts(request: MemberRequest) -> HttpResponse:
    """All of the member's contacts, or those that match `q`."""
    query = searched(request.GET.get("q", ""))
    return render(request, "contacts/list.html", {"found": contacts_of(request.user, query), "query": query})


@login_required
@require_GET
def names(request: MemberRequest) -> JsonResponse:
    """The member's own names for people, by id: the page puts them in place of the people's own."""
    return JsonResponse({str(person): name for person, name in all_names(request.user).items()})


@login_required
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """See and edit one's notes on a contact."""
    contact = contact_of(request.user, pk)
    form = NotesForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        edit_external_contact(contact=contact, **form.cleaned_data)
        messages.success(request, _("Your notes on %(name)s are saved.") % {"name": contact.shown_name})
        return redirect("contacts:list")
    context = {"form": form, "contact": contact, "person": contact.person}
    return render(request, "contacts/edit.html", context, status=400 if form.errors else 200)
