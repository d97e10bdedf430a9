"""Text that people write, checked."""

from django.utils.translation import gettext_lazy as _

from worksbridge.characters import shows_nothing, typed
from worksbridge.errors import Code, WorksBridgeError

MAX_LENGTH = 10_000


class BadText(WorksBridgeError):
    """Text that cannot be a message."""

    code = Code.BAD_TEXT


def clean(text: object) -> str:
    """The text as it will be stored: composed, line ends as \\n, no control characters, no empty lines around it.

    Raises BadText when there is nothing to see, it is too long or not valid Unicode.
    """
    if not isinstance(text, str):
        raise BadText(_("A message is text."))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadText(_("This message contains a broken character. Please remove it and send again.")) from error
    text = _without_empty_lines(typed(text))
    if shows_nothing(text):
        raise BadText(_("The message is empty."), code=Code.EMPTY)
    if len(text) > MAX_LENGTH:
        raise BadText(
            _("The message has %(length)s characters; the limit is %(max)s. Please shorten it or send it in parts.")
            % {"length": f"{len(text):,}", "max": f"{MAX_LENGTH:,}"},
            code=Code.TOO_LONG,
        )
    return text


def _without_empty_lines(text: str) -> str:
    """The spaces before the first word stay: the lines below may stand under it."""
    text = text.rstrip()
    start = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, start) + 1 :]
