"""One's own profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actions.profile import save_profile
from accounts.forms import ProfileForm
from accounts.requests import MemberRequest


@login_required
def profile(request: MemberRequest) -> HttpResponse:
    """See and edit one's own profile."""
    form = ProfileForm(request.POST or None, request.FILES or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        save_profile(member=request.user, form=form)
        messages.success(request, _("Profile saved."))
        return redirect("profile")
    if request.method == "POST":
        # The form has written into the signed-in user; the page around it shows what is stored.
        request.user.refresh_from_db()
    return render(request, "accounts/profile.html", {"form": form}, status=400 if form.errors else 200)
