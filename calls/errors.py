"""Why a call cannot be joined."""

from django.utils.translation import gettext_lazy as _

from worksbridge.errors import Code, WorksBridgeError


class Over(WorksBridgeError):
    """The answer came too late."""

    code = Code.OVER
    status = 409
    text = _("This call has ended.")


class Elsewhere(WorksBridgeError):
    """The member is in it with another page."""

    code = Code.ELSEWHERE
    status = 409
    text = _("You are in this call in another window or on another device.")


class InCall(WorksBridgeError):
    """The member is in another call."""

    code = Code.IN_CALL
    status = 409
    text = _("You are in another call. Hang up there first.")


class Full(WorksBridgeError):
    """No more people can take part."""

    code = Code.FULL
    status = 409
    text = _("This call is full.")
