"""Who may sign in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Backend(AuthenticationBackend):
    """Active members of companies that are not suspended, and active operators."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Checked at sign-in and for every request of a session."""
        company = user.company if user is not None and user.company_id is not None else None
        return bool(super().user_can_authenticate(user)) and (company is None or company.is_active)

    def get_user(self, user_id: Any) -> User | None:
        """The member with their company, in one query."""
        user = User.objects.select_related("company").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
