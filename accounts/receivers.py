"""What Django and allauth tell us about sessions."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from worksbridge.live.push import cut_sessions, push_to_session


@receiver(user_logged_out)
def cut_session(request: HttpRequest, **kwargs: Any) -> None:
    """Close the sockets of the session that was signed out."""
    if request.session.session_key:
        push_to_session(request.session.session_key)


@receiver([password_changed, password_reset])
def cut_all(user: User, **kwargs: Any) -> None:
    """Close all sockets of a member whose password changed; a page that still may comes back by itself."""
    cut_sessions([user.pk])
