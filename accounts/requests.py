"""The request type once someone has signed in."""

from django.http import HttpRequest

from accounts.models import Company, User
from worksbridge.errors import Refused


class MemberRequest(HttpRequest):
    """A request behind `login_required` or the admin's own check: its user is a member or an operator."""

    # Django says "or AnonymousUser", which the check before has ruled out.
    user: User


def member_of(request: HttpRequest) -> User:
    """The signed-in user of a request checked outside our code (by the admin)."""
    if not isinstance(request.user, User):
        raise TypeError("a signed-in member was expected")
    return request.user


def company_of(member: User) -> Company:
    """The member's company. Raises Refused for an operator, who has none."""
    if member.company is None:
        raise Refused
    return member.company
