"""Receivers for sessions and passwords (Django, allauth), and for refusals for lack of consent."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actions.attempts import note_failed_sign_in, note_refused
from accounts.actions.audit import audit
from accounts.models import User
from worksbridge.errors import WorksBridgeError
from worksbridge.live.push import cut_sessions, push_to_session
from worksbridge.refusals import refused


def _log(user: User | None, event: str) -> None:
    """In the log of their company; an operator has none."""
    if user is not None and user.company_id is not None:
        audit([user.company_id], user, event, member=user.pk)


@receiver(user_logged_in)
def log_sign_in(user: User, **kwargs: Any) -> None:
    """Someone signed in."""
    _log(user, "member.signed_in")


@receiver(user_login_failed)
def log_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Someone failed to sign in."""
    note_failed_sign_in(str(credentials.get("email") or credentials.get("username") or ""))


@receiver(user_logged_out)
def cut_session(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Close the sockets of the session that was signed out."""
    _log(user, "member.signed_out")
    if request.session.session_key:
        push_to_session(request.session.session_key)


@receiver([password_changed, password_set])
def log_password_changed(user: User, **kwargs: Any) -> None:
    """A member chose another password."""
    _log(user, "member.password_changed")


@receiver([password_changed, password_set, password_reset])
def end_invitation(user: User, **kwargs: Any) -> None:
    """A member with a password no longer needs an invitation, wherever they chose it."""
    User.objects.filter(pk=user.pk).update(invited_at=None)


@receiver(password_reset)
def log_password_reset(user: User, **kwargs: Any) -> None:
    """A member chose another password by the link in an e-mail."""
    _log(user, "member.password_reset")


@receiver([password_changed, password_reset])
def cut_all(user: User, **kwargs: Any) -> None:
    """Close all sockets of a member whose password changed; pages that are still signed in reconnect by themselves."""
    cut_sessions([user.pk])


@receiver(refused)
def log_refused(member_id: int, error: WorksBridgeError, path: str, **kwargs: Any) -> None:
    """A member attempted what the companies have not allowed."""
    note_refused(member_id=member_id, code=error.code, text=str(error.text), path=path)
