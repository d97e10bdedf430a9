"""Accepting an invitation: choosing a password."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions.invitations import InvitationOver, accept_invitation, invited_member


@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say whose account it is, take the password, sign in."""
    try:
        member = invited_member(token)
        form = SetPasswordForm(member, request.POST or None)
        if request.method == "POST" and form.is_valid():
            member = accept_invitation(token=token, password=form.cleaned_data["new_password1"])
            login(request, member, backend="accounts.backends.Backend")
            return redirect(settings.LOGIN_REDIRECT_URL)
    except InvitationOver as error:
        return render(request, "accounts/invitation_over.html", {"text": error.text}, status=error.status)
    context = {"form": form, "member": member}
    answer = render(request, "accounts/invitation.html", context, status=400 if form.errors else 200)
    # The link opens the account: it must not be told to other sites. With "no-referrer" browsers would not say either
    # where the form comes from, and it would be refused.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
