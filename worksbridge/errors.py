"""The one base error: a code for programs, a status for HTTP, a text for people."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Code(StrEnum):
    """What programs tell errors apart by. Part of the interface: a code keeps its meaning."""

    # Of everything.
    ERROR = "error"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    TOO_MANY = "too_many"
    BAD_REQUEST = "bad_request"
    BAD_FRAME = "bad_frame"
    TOO_LARGE = "too_large"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    TAKEN = "taken"
    EMPTY = "empty"
    SELF = "self"
    # Accounts.
    BAD_ADDRESS = "bad_address"
    BAD_FILE = "bad_file"
    BAD_PHOTO = "bad_photo"
    CIRCLE = "circle"
    INVITATION_OVER = "invitation_over"
    LAST_ADMINISTRATOR = "last_administrator"
    NOT_EMPTY = "not_empty"
    NOT_IMPORTED = "not_imported"
    # The consent of the companies.
    NOT_ALLOWED = "not_allowed"
    NOT_ADMITTED = "not_admitted"
    ASKED = "asked"
    CHANGED_SINCE = "changed_since"
    CONNECTED = "connected"
    DOMAIN = "domain"
    LATER = "later"
    OWN = "own"
    TOO_LATE = "too_late"
    # People.
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    MISSING = "missing"
    NOBODY = "nobody"
    # Rooms.
    BUSY = "busy"
    DESCRIPTION_TOO_LONG = "description_too_long"
    DIRECT = "direct"
    FROZEN = "frozen"
    HOST_MEMBER = "host_member"
    LAST_MASTER = "last_master"
    NAME_TOO_LONG = "name_too_long"
    NO_NAME = "no_name"
    NOT_MASTER = "not_master"
    OPENS_ROOM = "opens_room"
    TOO_MANY_COMPANIES = "too_many_companies"
    TOO_MANY_MEMBERS = "too_many_members"
    # Messages.
    BAD_TEXT = "bad_text"
    SENT_ELSEWHERE = "sent_elsewhere"
    TOO_LONG = "too_long"
    # Calls.
    ELSEWHERE = "elsewhere"
    FULL = "full"
    IN_CALL = "in_call"
    OVER = "over"


class WorksBridgeError(Exception):
    """What a person asked for cannot be done, and why.

    Rendered once for pages (`worksbridge.ui.middleware`) and once for sockets (`worksbridge.live.socket`).
    """

    code = Code.ERROR
    status = 400
    text: object = _("Something went wrong.")

    def __init__(self, text: object = None, *, code: Code | None = None) -> None:
        self.text = text or self.text
        self.code = code or self.code
        super().__init__(str(self.text))


class BadRequest(WorksBridgeError):
    """A program asked in a way that no page does.

    `detail` tells its programmer why, in English; people do not see it.
    """

    code = Code.BAD_REQUEST

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


class NotFound(WorksBridgeError):
    """Missing and forbidden are the same answer, so that nothing is learnt from it."""

    code = Code.NOT_FOUND
    status = 404
    text = _("This may have been removed, or you don't have access to it.")


class Refused(WorksBridgeError):
    """The person may know the thing exists, but not do this with it."""

    code = Code.REFUSED
    status = 403
    text = _("You don't have access to this.")


class TooMany(WorksBridgeError):
    """A limit was reached; `retry_after` is in seconds."""

    code = Code.TOO_MANY
    status = 429
    text = _("That was a little too fast. Please try again in a moment.")

    def __init__(self, text: object = None, *, retry_after: int = 1) -> None:
        super().__init__(text)
        self.retry_after = retry_after
