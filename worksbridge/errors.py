"""The one base error: a code for programs, a status for HTTP, a text for people."""

from django.utils.translation import gettext_lazy as _


class WorksBridgeError(Exception):
    """What a person asked for cannot be done, and why.

    Rendered once for pages (`worksbridge.ui.middleware`) and once for sockets (`worksbridge.live.socket`).
    """

    code = "error"
    status = 400
    text: object = _("That did not work.")

    def __init__(self, text: object = None, *, code: str | None = None) -> None:
        self.text = text or self.text
        self.code = code or self.code
        super().__init__(str(self.text))


class NotFound(WorksBridgeError):
    """Missing and forbidden are the same answer, so that nothing is learnt from it."""

    code = "not_found"
    status = 404
    text = _("There is nothing here, or it is not open to you.")


class Refused(WorksBridgeError):
    """The person may know the thing exists, but not do this with it."""

    code = "refused"
    status = 403
    text = _("That is not allowed.")


class TooMany(WorksBridgeError):
    """A limit was reached; `retry_after` is in seconds."""

    code = "too_many"
    status = 429
    text = _("That was a little too fast. Please try again in a moment.")

    def __init__(self, text: object = None, *, retry_after: int = 1) -> None:
        super().__init__(text)
        self.retry_after = retry_after
