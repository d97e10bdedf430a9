"""Blocking and unblocking."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.access import known_person
from contacts.actions.block import block_external_user, unblock_external_user
from contacts.policies import names_for
from contacts.views.following import following


@login_required
@require_GET
def blocked(request: MemberRequest) -> HttpResponse:
    """The people the member has blocked."""
    blocks = list(request.user.blocks.select_related("blocked__company").order_by("-created_at"))
    names = names_for(request.user, [one.blocked_id for one in blocks])
    return render(request, "contacts/blocked.html", {"blocks": blocks, "names": names})


@login_required
@require_POST
def block(request: MemberRequest, person: int) -> HttpResponse:
    """Block an external user."""
    other = known_person(request.user, person)
    block_external_user(member=request.user, person=other)
    messages.success(request, _("You have blocked %(name)s. They are not told.") % {"name": _name(request.user, other)})
    return redirect(following(request, "contacts:list"))


@login_required
@require_POST
def unblock(request: MemberRequest, person: int) -> HttpResponse:
    """Hear from them again."""
    other = known_person(request.user, person)
    unblock_external_user(member=request.user, person=other)
    messages.success(request, _("You have unblocked %(name)s.") % {"name": _name(request.user, other)})
    return redirect(following(request, "contacts:blocked"))


def _name(member: User, other: User) -> str:
    return names_for(member, [other.pk]).get(other.pk) or other.name
